#pragma once

#include "recipe/field.h"

// The rows of fields.h for pictures that begin at another one, for second passes and seamless
// edges.

namespace easel::fields {

inline constexpr Field kInit{.json = "init",
                             .parameters = "Init image",
                             .place = 40,
                             .option = "--init",
                             .title = "Begun at",
                             .help = "A picture to begin at instead of noise alone",
                             .group = kEditingGroup,
                             .unit = "FILE",
                             .most = 4096,
                             .pixels = false,
                             .asked = false};
inline constexpr Field kInitHash{.json = "init_sha256",
                                 .parameters = "Init image hash",
                                 .place = 41,
                                 .title = "Begun at a picture with the SHA-256",
                                 .most = 64};
inline constexpr Field kStrength{
    .json = "strength",
    .parameters = "Denoising strength",
    .place = 42,
    .option = "--strength,--denoising-strength",
    .script = "--strength",
    .title = "Strength",
    .help = "How much of it is drawn anew: 0 nothing, 1 everything [0.75]",
    .group = kEditingGroup,
    .unit = "X",
    .least = 0,
    .most = 1};
inline constexpr Field kResizeMode{.json = "resize_mode",
                                   .parameters = "Resize mode",
                                   .place = 43,
                                   .option = "--resize-mode",
                                   .title = "Resize mode",
                                   .help =
                                       "How it is brought to the size drawn: crop what is too "
                                       "much, pad what is missing, or stretch it [crop]",
                                   .group = kEditingGroup,
                                   .unit = "NAME",
                                   .most = 20,
                                   .choices = "crop pad stretch"};
inline constexpr Field kMask{.json = "mask",
                             .parameters = "Mask image",
                             .place = 44,
                             .option = "--mask",
                             .title = "Mask",
                             .help =
                                 "A picture of the same form: what is white is drawn anew, what is "
                                 "black stays [where the picture is transparent]",
                             .group = kEditingGroup,
                             .unit = "FILE",
                             .most = 4096,
                             .pixels = false,
                             .asked = false};
inline constexpr Field kMaskHash{.json = "mask_sha256",
                                 .parameters = "Mask hash",
                                 .place = 45,
                                 .title = "Mask's SHA-256",
                                 .most = 64};
inline constexpr Field kMaskBlur{.json = "mask_blur",
                                 .parameters = "Mask blur",
                                 .place = 46,
                                 .option = "--mask-blur",
                                 .title = "Mask blur",
                                 .help = "Soften its edge by so many pixels [4]",
                                 .group = kEditingGroup,
                                 .unit = "N",
                                 .least = 0,
                                 .most = 512};
inline constexpr Field kMaskGrow{.json = "mask_grow",
                                 .parameters = "Mask grow",
                                 .place = 47,
                                 .option = "--mask-grow",
                                 .title = "Mask grown",
                                 .help = "Widen it by so many pixels [0]",
                                 .group = kEditingGroup,
                                 .unit = "N",
                                 .least = 0,
                                 .most = 512};
inline constexpr Field kMaskInvert{.json = "mask_invert",
                                   .parameters = "Mask mode",
                                   .place = 48,
                                   .option = "--mask-invert",
                                   .title = "Mask inverted",
                                   .help = "What is black is drawn anew",
                                   .group = kEditingGroup};
inline constexpr Field kMaskContent{.json = "mask_content",
                                    .parameters = "Masked content",
                                    .place = 49,
                                    .option = "--mask-content",
                                    .title = "Masked content",
                                    .help =
                                        "What is under it at first: original, fill (the colours "
                                        "around it), noise or nothing [original]",
                                    .group = kEditingGroup,
                                    .unit = "NAME",
                                    .most = 20,
                                    .choices = "original fill noise nothing"};
inline constexpr Field kOnlyMasked{
    .json = "only_masked",
    .parameters = "Inpaint area",
    .place = 50,
    .option = "--only-masked",
    .title = "Only masked",
    .help = "Draw the masked part by itself, at the whole size, and paste it back",
    .group = kEditingGroup};
inline constexpr Field kMaskPadding{
    .json = "mask_padding",
    .parameters = "Masked area padding",
    .place = 51,
    .option = "--padding",
    .title = "Padding",
    .help = "With --only-masked: what is seen around that part, in pixels [32]",
    .group = kEditingGroup,
    .unit = "N",
    .least = 0,
    .most = 512};
inline constexpr Field kExtend{.json = "extend",
                               .parameters = "Extended",
                               .place = 52,
                               .option = "--extend",
                               .title = "Extended",
                               .help = "Draw beyond its edges, so many pixels each",
                               .group = kEditingGroup,
                               .unit = "left=N,top=N,right=N,bottom=N",
                               .most = 200,
                               .wanted = "edges with pixels, as left=128,top=64"};
inline constexpr Field kImageScale{
    .json = "image_scale",
    .parameters = "Image CFG scale",
    .place = 53,
    .option = "--image-scale",
    .title = "Guidance by the picture",
    .help =
        "With a model that is told what to change (instruct-pix2pix): how closely to follow the "
        "picture [1.5]",
    .group = kEditingGroup,
    .unit = "X",
    .least = 0,
    .most = 100};
inline constexpr Field kHires{
    .json = "hires",
    .parameters = "Hires upscale",
    .place = 54,
    .option = "--hires",
    .title = "Second pass",
    .help = "Enlarge the picture so many times and draw it once more at that size [not]",
    .group = kPictureGroup,
    .unit = "X",
    .least = 1,
    .most = 8};
inline constexpr Field kHiresStrength{.json = "hires_strength",
                                      .parameters = "Hires strength",
                                      .place = 55,
                                      .option = "--hires-strength",
                                      .title = "Second pass's strength",
                                      .help = "How much of it that changes [0.7]",
                                      .group = kPictureGroup,
                                      .unit = "X",
                                      .least = 0,
                                      .most = 1};
inline constexpr Field kHiresSteps{.json = "hires_steps",
                                   .parameters = "Hires steps",
                                   .place = 56,
                                   .option = "--hires-steps",
                                   .title = "Second pass's steps",
                                   .help = "Its steps [as many as of the first]",
                                   .group = kPictureGroup,
                                   .unit = "N",
                                   .least = 1,
                                   .most = 1000};
inline constexpr Field kHiresUpscaler{
    .json = "hires_upscaler",
    .parameters = "Hires upscaler",
    .place = 57,
    .option = "--hires-upscaler",
    .title = "Second pass's upscaler",
    .help =
        "What enlarges it: latent, latent-bicubic, latent-nearest, lanczos, or an ESRGAN file or "
        "name [latent]",
    .group = kPictureGroup,
    .unit = "NAME",
    .most = 100};
inline constexpr Field kTile{
    .json = "tile",
    .parameters = "Tiling",
    .place = 58,
    .option = "--tile",
    .title = "Seamless",
    .help = "Edges that fit each other: x left and right, y top and bottom, xy both [no]",
    .group = kPictureGroup,
    .unit = "x|y|xy",
    .most = 2,
    .choices = "x y xy"};

}  // namespace easel::fields
