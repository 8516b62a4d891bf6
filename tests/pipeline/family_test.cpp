#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/families.h"
#include "support/errors.h"

namespace easel {
namespace {

using ::testing::HasSubstr;

struct Named {
  std::string name;
  Shape shape = {8, 8};
};

Weights file_with(const std::vector<Named>& tensors) {
  Weights::Entries entries;
  for (const Named& tensor : tensors) {
    entries.emplace(tensor.name, Weights::Entry{.source = {.shape = tensor.shape}});
  }
  return {WeightsFormat::kMemory, std::move(entries)};
}

const Named kIn{"model.diffusion_model.input_blocks.0.0.weight", {32, 4, 3, 3}};
const Named kOut{"model.diffusion_model.out.2.weight", {4, 32, 3, 3}};
const Named kDecoder{"first_stage_model.decoder.conv_in.weight"};
const Named kBert{"cond_stage_model.transformer.token_emb.weight"};
const Named kQuant{"first_stage_model.post_quant_conv.weight", {4, 4, 1, 1}};
const Named kClip{"cond_stage_model.transformer.text_model.final_layer_norm.weight"};

const Named kOpenClip{"cond_stage_model.model.ln_final.weight"};
const Named kLabels{"model.diffusion_model.label_emb.0.0.weight"};
const Named kXlClip{"conditioner.embedders.0.transformer.text_model.final_layer_norm.weight"};
const Named kAttends1024{
    "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight", {32, 1024}};

struct Case {
  std::string label;
  std::vector<Named> tensors;
  std::string name;
  ModelUse use = ModelUse::kNothing;
};

class KindOfModel : public ::testing::TestWithParam<Case> {};

TEST_P(KindOfModel, IsToldFromNamesAndShapes) {
  const Weights weights = file_with(GetParam().tensors);
  const ModelKind kind = recognise(weights);
  EXPECT_THAT(kind.name, HasSubstr(GetParam().name));
  EXPECT_EQ(static_cast<int>(kind.use), static_cast<int>(GetParam().use));
  if (kind.use == ModelUse::kTextToImage) {
    EXPECT_NO_THROW(require_family(weights, ModelUse::kTextToImage, "x.ckpt"));
    return;
  }
  const std::string message = testing::message_of(
      ErrorCode::kWrongModel, [&] { require_family(weights, ModelUse::kTextToImage, "x.ckpt"); });
  EXPECT_THAT(message, HasSubstr("'x.ckpt' is " + kind.name));
  EXPECT_THAT(message, HasSubstr("easel fetch ldm-text2img-large"));
}

INSTANTIATE_TEST_SUITE_P(
    Files, KindOfModel,
    ::testing::Values(
        Case{"Ldm",
             {kIn, kOut, kDecoder, kBert},
             "latent-diffusion text-to-image",
             ModelUse::kTextToImage},
        Case{"NoAutoencoder", {kIn, kOut, kBert}, "without its autoencoder"},
        Case{"StableDiffusion1",
             {kIn, kOut, kDecoder, kQuant, kClip},
             "a Stable Diffusion 1 model",
             ModelUse::kTextToImage},
        Case{
            "StableDiffusion1OfNovelAi",
            {kIn, kOut, kDecoder, kQuant, {"cond_stage_model.transformer.final_layer_norm.weight"}},
            "a Stable Diffusion 1 model",
            ModelUse::kTextToImage},
        Case{"StableDiffusion1WithoutAutoencoder",
             {kIn, kOut, kClip},
             "a Stable Diffusion 1 model without its autoencoder"},
        Case{"StableDiffusion1ForInpainting",
             {{"model.diffusion_model.input_blocks.0.0.weight", {32, 9, 3, 3}},
              kOut,
              kDecoder,
              kQuant,
              kClip},
             "a Stable Diffusion 1 model",
             ModelUse::kTextToImage},
        Case{"StableDiffusion1ByInstruction",
             {{"model.diffusion_model.input_blocks.0.0.weight", {32, 8, 3, 3}},
              kOut,
              kDecoder,
              kQuant,
              kClip},
             "a Stable Diffusion 1 model",
             ModelUse::kTextToImage},
        Case{"StableDiffusion2WithDepth",
             {{"model.diffusion_model.input_blocks.0.0.weight", {32, 5, 3, 3}},
              kOut,
              kDecoder,
              kQuant,
              kAttends1024,
              kOpenClip},
             "a Stable Diffusion 2 model for pictures with a depth map"},
        Case{"StableDiffusion2ForEnlarging",
             {{"model.diffusion_model.input_blocks.0.0.weight", {32, 7, 3, 3}},
              kOut,
              kDecoder,
              kQuant,
              kAttends1024,
              kOpenClip},
             "the x4 upscaler"},
        Case{"StableDiffusion1WithoutTextEncoder",
             {kIn, kOut, kDecoder, kQuant, {kAttends1024.name, {32, 768}}},
             "a Stable Diffusion 1 model without its text encoder"},
        Case{"StableDiffusion2",
             {kIn, kOut, kDecoder, kQuant, kAttends1024, kOpenClip},
             "a Stable Diffusion 2 model",
             ModelUse::kTextToImage},
        Case{"StableDiffusionTurbo",
             {kIn,
              kOut,
              kDecoder,
              kQuant,
              kAttends1024,
              {"conditioner.embedders.0.model.ln_final.weight"}},
             "a Stable Diffusion 2 model",
             ModelUse::kTextToImage},
        Case{"LatentConsistency",
             {kIn,
              kOut,
              kDecoder,
              kQuant,
              kClip,
              {"model.diffusion_model.time_embedding.cond_proj.weight", {32, 256}}},
             "a Stable Diffusion 1 model",
             ModelUse::kTextToImage},
        Case{"StableDiffusionXl",
             {kIn,
              kOut,
              kDecoder,
              kQuant,
              {"model.diffusion_model.label_emb.0.0.weight"},
              {"conditioner.embedders.0.transformer.text_model.final_layer_norm.weight"},
              {"conditioner.embedders.1.model.ln_final.weight"}},
             "a Stable Diffusion XL model",
             ModelUse::kTextToImage},
        Case{"StableDiffusionXlWithoutSecondTextEncoder",
             {kIn, kOut, kDecoder, kQuant, kLabels, kXlClip},
             "a Stable Diffusion XL model without its second text encoder"},
        Case{"StableDiffusionXlWithoutTextEncoders",
             {kIn, kOut, kDecoder, kQuant, kLabels},
             "a Stable Diffusion XL model without its text encoders"},
        Case{"StableDiffusionXlForInpainting",
             {{"model.diffusion_model.input_blocks.0.0.weight", {32, 9, 3, 3}},
              kOut,
              kDecoder,
              kQuant,
              kLabels,
              kXlClip,
              {"conditioner.embedders.1.model.ln_final.weight"}},
             "a Stable Diffusion XL model",
             ModelUse::kTextToImage},
        Case{"TwoTextEncodersOfTwoFamilies",
             {kIn, kOut, kDecoder, kQuant, kClip, kOpenClip},
             "two models in one file: it holds Stable Diffusion 1's text encoder"},
        Case{"StableDiffusionAndXl",
             {kIn, kOut, kDecoder, kQuant, kClip, kXlClip},
             "and Stable Diffusion XL's text encoders ('conditioner.embedders.…')"},
        Case{"LatentDiffusionAndStableDiffusion",
             {kIn, kOut, kDecoder, kQuant, kClip, kBert},
             "latent-diffusion's text encoder"},
        Case{"UNetAndTransformer",
             {{"model.diffusion_model.input_blocks.1.0.in_layers.0.weight"},
              {"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight"}},
             "two models in one file: it holds a UNet"},
        Case{"StableDiffusionXlRefiner",
             {kIn,
              kOut,
              kDecoder,
              kQuant,
              {"model.diffusion_model.label_emb.0.0.weight"},
              {"conditioner.embedders.0.model.ln_final.weight"}},
             "Stable Diffusion XL's refiner",
             ModelUse::kTextToImage},
        Case{"StableDiffusionWithTwoTensorsOfOneName",
             {kIn, kOut, kClip, {"cond_stage_model.transformer.final_layer_norm.weight"}},
             "a damaged Stable Diffusion model"},
        Case{"StableDiffusion3",
             {{"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight"}},
             "a Stable Diffusion 3 model"},
        Case{"Flux", {{"double_blocks.0.img_attn.qkv.weight"}}, "a Flux model"},
        Case{"StableVideoDiffusion",
             {kIn, {"model.diffusion_model.input_blocks.1.0.time_mixer.mix_factor"}},
             "a Stable Video Diffusion model"},
        Case{"AnimateDiff",
             {{"down_blocks.0.motion_modules.0.temporal_transformer.norm.weight"}},
             "an AnimateDiff motion module"},
        Case{"StableVideoDiffusionsConditioner",
             {kIn, {"conditioner.embedders.3.encoder.encoder.conv_in.weight"}},
             "a Stable Video Diffusion model"},
        Case{"AltDiffusion",
             {kIn, kOut, kDecoder, {"cond_stage_model.roberta.embeddings.word_embeddings.weight"}},
             "an AltDiffusion model"},
        Case{"ControlNet", {{"control_model.zero_convs.0.0.weight"}}, "a ControlNet"},
        Case{"ControlNetAsFolder",
             {{"controlnet_cond_embedding.conv_in.weight"}, {"down_blocks.0.x.weight"}},
             "a ControlNet"},
        Case{"ClassConditional",
             {kIn, kOut, {"cond_stage_model.embedding.weight"}},
             "class-conditional"},
        Case{"Inpainting",
             {{"model.diffusion_model.input_blocks.0.0.weight", {32, 9, 3, 3}},
              kOut,
              kDecoder,
              kBert},
             "9 channels in and 4 out"},
        Case{"Unconditional", {kIn, kOut, kDecoder}, "unconditional"},
        Case{"VectorQuantised",
             {kIn, kOut, {"first_stage_model.quantize.embedding.weight"}},
             "vector-quantised"},
        Case{"Glid", {{"clip_proj.weight"}, {"input_blocks.0.0.weight"}}, "glid-3-xl"},
        Case{"BareUNet", {{"input_blocks.0.0.weight"}}, "a denoiser by itself"},
        Case{"Bert", {{"transformer.token_emb.weight"}}, "BERT text encoder by itself"},
        Case{"Resnet",
             {{"conv1.weight"}, {"layer1.0.conv1.weight"}, {"fc.weight"}},
             "a classifier (a ResNet)"},
        Case{"Vgg", {{"features.0.weight"}, {"classifier.0.weight"}}, "a classifier (VGG"},
        Case{"Lora", {{"lora_unet_down_blocks_0.lora_down.weight"}}, "a LoRA"},
        Case{"LoraOfPeft", {{"unet.mid_block.attentions.0.proj_in.lora_A.weight"}}, "a LoRA"},
        Case{"LoHa", {{"lora_unet_mid_block.hada_w1_a"}, {"lora_unet_mid_block.alpha"}}, "a LoRA"},
        Case{"LoKr", {{"lora_unet_mid_block.lokr_w1"}}, "a LoRA"},
        Case{"Oft", {{"lora_unet_mid_block.oft_blocks"}}, "a LoRA"},
        Case{"EmbeddingOfParameters", {{"string_to_param.*", {2, 768}}}, "textual-inversion"},
        Case{"Embedding", {{"emb_params", {2, 1024}}}, "textual-inversion"},
        Case{"EmbeddingByToken", {{"<cat-toy>", {768}}}, "textual-inversion"},
        Case{"EmbeddingOfXl",
             {{"clip_l", {2, 768}}, {"clip_g", {2, 1280}}},
             "a textual-inversion embedding"},
        Case{"Autoencoder", {{"decoder.conv_in.weight", {512, 4, 3, 3}}}, "an autoencoder by"},
        Case{"AutoencoderInItsPlace",
             {{"first_stage_model.decoder.conv_in.weight", {512, 4, 3, 3}}},
             "an autoencoder by itself"},
        Case{"AutoencoderOfAnotherFamily",
             {{"vae.decoder.conv_in.weight", {512, 16, 3, 3}}},
             "an autoencoder of another family"},
        Case{"TaesdEncoder",
             {{"0.weight", {64, 3, 3, 3}}, {"1.conv.0.weight", {64, 64, 3, 3}}},
             "TAESD's encoder"},
        Case{"TaesdDecoder",
             {{"1.weight", {64, 4, 3, 3}}, {"3.conv.0.weight", {64, 64, 3, 3}}},
             "TAESD's decoder"},
        Case{
            "DiffusersUNet", {{"down_blocks.0.resnets.0.conv1.weight"}}, "one part of a diffusers"},
        Case{"Esrgan",
             {{"conv_first.weight"}, {"body.0.rdb1.conv1.weight"}, {"conv_last.weight"}},
             "an ESRGAN upscaler",
             ModelUse::kUpscale},
        Case{"OldEsrgan",
             {{"model.0.weight"}, {"model.1.sub.0.RDB1.conv1.0.weight"}},
             "an ESRGAN upscaler",
             ModelUse::kUpscale},
        Case{"Srvgg",
             {{"body.0.weight"}, {"body.1.weight"}, {"body.2.weight"}},
             "an ESRGAN upscaler",
             ModelUse::kUpscale},
        Case{"Unknown", {{"alpha"}, {"beta"}}, "a file of 2 tensors ('alpha', 'beta'"},
        Case{"Empty", {}, "a file of 0 tensors"}),
    [](const auto& test) { return test.param.label; });

}  // namespace
}  // namespace easel
