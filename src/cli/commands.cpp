#include "cli/commands.h"

namespace easel::cli {
namespace {

constexpr Command kCommands[] = {
    {"draw", "draw pictures of a sentence", add_draw},
    {"plot", "draw one prompt with several values of its settings, as a table", add_plot},
    {"txt2img", "draw as latent-diffusion's scripts/txt2img.py does, flag for flag", add_txt2img},
    {"img2img", "draw as stable-diffusion's scripts/img2img.py does, flag for flag", add_img2img},
    {"upscale", "enlarge pictures with an ESRGAN-like network", add_upscale},
    {"serve", "open the page, and answer programs that want pictures", add_serve},
    {"gallery", "draw every subject in every style, and write the gallery as a web page",
     add_gallery},
    {"inspect", "say what a model file or a picture is", add_inspect},
    {"convert", "write any readable checkpoint as one safetensors file", add_convert},
    {"models", "list the models that are installed", add_models},
    {"fetch", "download a model", add_fetch},
    {"bench", "measure how fast this machine draws", add_bench},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace easel::cli
