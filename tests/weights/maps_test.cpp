#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "support.h"
#include "weights/formats/hugging_face_folder.h"
#include "weights/maps/ema.h"
#include "weights/maps/esrgan.h"
#include "weights/maps/hugging_face.h"
#include "weights/weights.h"

namespace easel {
namespace {

using test::fixtures;

constexpr FolderPart kParts[] = {
    {{"unet", "unet"}, "model.diffusion_model.", hugging_face_unet_table},
    {{"vqvae", "vae"}, "first_stage_model.", hugging_face_autoencoder_table},
    {{"bert", "bert"}, "cond_stage_model.transformer.", hugging_face_bert_table},
};
constexpr FolderLayout kLayouts[] = {{"latent-diffusion", kParts}};

std::set<std::string> names_of(const Weights& weights) {
  std::set<std::string> names;
  for (const auto& [name, entry] : weights.entries()) names.insert(name);
  return names;
}

// Every tensor of `seen` is in `wanted` with the same bytes, and every network's tensor the other
// way round (the original also stores its noise schedule).
void expect_same_networks(const Weights& seen, const Weights& wanted) {
  std::size_t networks = 0;
  for (const auto& [name, entry] : wanted.entries()) {
    if (name.find('.') == std::string::npos) continue;
    ++networks;
    ASSERT_NE(seen.find(name), nullptr) << name;
    ASSERT_EQ(test::stored_values_of(*seen.find(name)), test::stored_values_of(entry)) << name;
  }
  EXPECT_EQ(seen.entries().size(), networks);
  EXPECT_EQ(networks, 463u);
}

TEST(HuggingFaceFolder, hasTheNamesAndBytesOfTheOriginal) {
  const Weights original = open_weights(fixtures() / "ldm-mini/model.ckpt");
  const Weights folder = open_model_weights(fixtures() / "ldm-mini-hf", kLayouts);
  EXPECT_EQ(folder.format(), WeightsFormat::kHuggingFaceFolder);
  expect_same_networks(folder, original);
  EXPECT_EQ(folder.find("cond_stage_model.transformer.norm.weight")->original_name,
            "model.layer_norm.weight");
}

TEST(HuggingFaceFolder, takesAllSpellingsOfTheAutoencodersAttention) {
  const Weights original = open_weights(fixtures() / "ldm-mini/model.ckpt");
  for (const std::string variant : {"variant-to_q.bin", "variant-conv.bin"}) {
    SCOPED_TRACE(variant);
    test::TemporaryFolder folder;
    for (const std::string part : {"bert", "unet"}) {
      std::filesystem::create_directory_symlink(
          std::filesystem::absolute(fixtures() / "ldm-mini-hf" / part), folder.path() / part);
    }
    std::filesystem::create_directory(folder.path() / "vae");
    std::filesystem::create_symlink(
        std::filesystem::absolute(fixtures() / "ldm-mini-hf/vqvae" / variant),
        folder.path() / "vae/diffusion_pytorch_model.bin");
    expect_same_networks(open_model_weights(folder.path(), kLayouts), original);
  }
}

TEST(HuggingFaceFolder, namesTheMissingPart) {
  test::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "unet");
  try {
    open_model_weights(folder.path(), kLayouts);
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("lacks 'unet/'"));
  }
}

TEST(HuggingFaceFolder, namesThePartsThatAreOfAnotherKindOfModel) {
  test::TemporaryFolder folder;
  for (const std::string part : {"unet", "vae", "text_encoder"}) {
    std::filesystem::create_directory(folder.path() / part);
    folder.write(part + "/model.safetensors", {});
  }
  try {
    open_model_weights(folder.path(), kLayouts);
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("it has 'text_encoder', wanted 'unet', 'vqvae' "
                                                   "and 'bert'"));
  }
}

TEST(HuggingFaceFolder, isOpenedByTheLayoutThatFitsBest) {
  constexpr FolderPart kOther[] = {
      {{"unet", "unet"}, "u.", hugging_face_unet_table},
      {{"prior", "prior"}, "p.", hugging_face_unet_table},
      {{"text_encoder", "text_encoder"}, "t.", hugging_face_bert_table},
  };
  const FolderLayout layouts[] = {{"another", kOther}, {"latent-diffusion", kParts}};
  const Weights folder = open_model_weights(fixtures() / "ldm-mini-hf", layouts);
  EXPECT_TRUE(folder.contains("cond_stage_model.transformer.norm.weight"));
}

// The rules of the layout written the other way round, with the block arithmetic of a UNet of two
// residual blocks a level.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::vector<std::string> split(const std::string& name) {
  std::vector<std::string> parts;
  std::stringstream stream(name);
  for (std::string part; std::getline(stream, part, '.');) parts.push_back(part);
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < parts.size(); ++i) out += "." + parts[i];
  return out;
}

std::string hf_res_block(std::string name) {
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
           {".in_layers.0.", ".norm1."},
           {".in_layers.2.", ".conv1."},
           {".emb_layers.1.", ".time_emb_proj."},
           {".out_layers.0.", ".norm2."},
           {".out_layers.3.", ".conv2."},
           {".skip_connection.", ".conv_shortcut."}}) {
    name = replaced(name, from, to);
  }
  return name;
}

std::string hf_unet_name(const std::string& name) {
  const auto parts = split(name);
  if (parts[0] == "time_embed") {
    return "time_embedding.linear_" + std::string(parts[1] == "0" ? "1" : "2") + join(parts, 2);
  }
  if (parts[0] == "out") return (parts[1] == "0" ? "conv_norm_out" : "conv_out") + join(parts, 2);
  if (parts[0] == "middle_block") {
    if (parts[1] == "1") return "mid_block.attentions.0" + join(parts, 2);
    return hf_res_block("mid_block.resnets." + std::string(parts[1] == "0" ? "0" : "1") +
                        join(parts, 2));
  }
  const int n = std::stoi(parts[1]);
  if (parts[0] == "input_blocks") {
    if (n == 0) return "conv_in" + join(parts, 3);
    const std::string block = "down_blocks." + std::to_string((n - 1) / 3);
    if ((n - 1) % 3 == 2) return block + ".downsamplers.0.conv" + join(parts, 4);
    const std::string j = std::to_string((n - 1) % 3);
    return hf_res_block(block + (parts[2] == "0" ? ".resnets." : ".attentions.") + j +
                        join(parts, 3));
  }
  const std::string block = "up_blocks." + std::to_string(n / 3);
  if (parts[3] == "conv") return block + ".upsamplers.0.conv" + join(parts, 4);
  return hf_res_block(block + (parts[2] == "0" ? ".resnets." : ".attentions.") +
                      std::to_string(n % 3) + join(parts, 3));
}

std::string hf_autoencoder_name(std::string name) {
  const auto parts = split(name);
  if (parts.size() > 2 && parts[1] == "down") {
    name = replaced(name, "down." + parts[2], "down_blocks." + parts[2]);
  }
  if (parts.size() > 2 && parts[1] == "up") {
    name = replaced(name, "up." + parts[2], "up_blocks." + std::to_string(3 - std::stoi(parts[2])));
  }
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
           {".mid.block_1.", ".mid_block.resnets.0."},
           {".mid.block_2.", ".mid_block.resnets.1."},
           {".mid.attn_1.", ".mid_block.attentions.0."},
           {".block.", ".resnets."},
           {".downsample.", ".downsamplers.0."},
           {".upsample.", ".upsamplers.0."},
           {".nin_shortcut.", ".conv_shortcut."},
           {".norm_out.", ".conv_norm_out."}}) {
    name = replaced(name, from, to);
  }
  if (name.find(".attentions.") != std::string::npos) {
    for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
             {".0.norm.", ".0.group_norm."},
             {".q.", ".query."},
             {".k.", ".key."},
             {".v.", ".value."},
             {".proj_out.", ".proj_attn."}}) {
      name = replaced(name, from, to);
    }
  }
  return name;
}

std::string hf_bert_name(std::string name) {
  const auto parts = split(name);
  if (parts[0] == "token_emb") return "model.embed_tokens" + join(parts, 1);
  if (parts[0] == "pos_emb") return "model.embed_positions" + join(parts, 2);
  if (parts[0] == "norm") return "model.layer_norm" + join(parts, 1);
  if (parts[0] != "attn_layers") return name;
  const int layer = std::stoi(parts[2]);
  const std::string block = "model.layers." + std::to_string(layer / 2);
  const bool attention = layer % 2 == 0;
  if (parts[3] == "0") {
    return block + (attention ? ".self_attn_layer_norm" : ".final_layer_norm") + join(parts, 4);
  }
  if (attention) {
    return block + ".self_attn." + replaced(parts[4], "to_", "") + "_proj" + join(parts, 5);
  }
  return block + (parts[5] == "0" ? ".fc1" + join(parts, 7) : ".fc2" + join(parts, 6));
}

TEST(HuggingFaceTables, giveBackEveryNameOfTheLargeModel) {
  std::ifstream file(fixtures() / "ldm-large-keys.tsv");
  struct Part {
    std::string prefix;
    std::string (*to_hf)(std::string);
    KeyTable (*table)(const Weights&);
    std::size_t tensors;
    std::map<std::string, std::string> original;  // by Hugging Face name
  };
  Part parts[] = {
      {"model.diffusion_model.",
       [](std::string n) { return hf_unet_name(n); },
       hugging_face_unet_table,
       686,
       {}},
      {"first_stage_model.", hf_autoencoder_name, hugging_face_autoencoder_table, 248, {}},
      {"cond_stage_model.transformer.", hf_bert_name, hugging_face_bert_table, 422, {}},
  };
  for (std::string line; std::getline(file, line);) {
    const std::string name = line.substr(0, line.find('\t'));
    for (Part& part : parts) {
      if (!name.starts_with(part.prefix)) continue;
      const std::string bare = name.substr(part.prefix.size());
      part.original.emplace(part.to_hf(bare), bare);
    }
  }
  for (const Part& part : parts) {
    EXPECT_EQ(part.original.size(), part.tensors);
    Weights::Entries entries;
    for (const auto& [name, original] : part.original) entries[name] = {};
    const Weights weights(WeightsFormat::kMemory, std::move(entries));
    const KeyTable table = part.table(weights);
    for (const auto& [name, original] : part.original) EXPECT_EQ(table(name), original);
  }
}

TEST(EsrganNames, areTheSameFromAllThreeDialects) {
  const auto open = [](const std::string& name) {
    return with_basicsr_names(open_weights(fixtures() / "esrgan-mini" / name));
  };
  const Weights basicsr = open("realesrgan_x4.pth");
  for (const std::string name : {"esrgan_x4.pth", "old_arch_x4.pth"}) {
    SCOPED_TRACE(name);
    const Weights other = open(name);
    ASSERT_EQ(names_of(other), names_of(basicsr));
    for (const auto& [key, entry] : basicsr.entries()) {
      EXPECT_EQ(test::stored_values_of(*other.find(key)), test::stored_values_of(entry)) << key;
    }
  }
  EXPECT_TRUE(basicsr.contains("body.1.rdb3.conv5.bias"));
}

TEST(EsrganNames, ofFewerUpsamplingStagesAndWrappedModules) {
  const auto open = [](const std::string& name) {
    return with_basicsr_names(open_weights(fixtures() / "esrgan-mini" / name));
  };
  const Weights x2 = open("old_arch_x2.pth");
  EXPECT_TRUE(x2.contains("conv_up1.weight"));
  EXPECT_FALSE(x2.contains("conv_up2.weight"));
  EXPECT_TRUE(x2.contains("conv_hr.weight"));
  const Weights x1 = open("old_arch_x1.pth");
  EXPECT_FALSE(x1.contains("conv_up1.weight"));
  EXPECT_TRUE(x1.contains("conv_hr.weight"));
  EXPECT_TRUE(x1.contains("conv_last.weight"));
  const Weights half = open("realesrgan_x1_module_half.pth");
  ASSERT_TRUE(half.contains("conv_first.weight"));
  EXPECT_EQ(half.find("conv_first.weight")->source.dtype, DType::kF16);
  EXPECT_EQ(half.find("conv_first.weight")->source.shape[1], 48);
  EXPECT_TRUE(open("srvgg_x4.pth").contains("body.0.weight"));
}

Weights::Entry constant(float value, Shape shape) {
  Weights::Entry entry;
  entry.source.shape = shape;
  entry.source.read = [value](std::int64_t, std::span<float> out) {
    for (float& x : out) x = value;
  };
  return entry;
}

TEST(AveragedWeights, takeThePlaceOfTheModels) {
  Weights::Entries entries;
  entries["model.diffusion_model.out.0.weight"] = constant(1, {2});
  entries["model.diffusion_model.other"] = constant(1, {2});
  entries["model_ema.diffusion_modelout0weight"] = constant(2, {2});
  entries["model_ema.num_updates"] = constant(3, {});
  const Weights weights = with_ema(Weights(WeightsFormat::kMemory, std::move(entries)));
  EXPECT_EQ(test::values_of(weights, "model.diffusion_model.out.0.weight")[0], 2.0f);
  EXPECT_EQ(test::values_of(weights, "model.diffusion_model.other")[0], 1.0f);
  EXPECT_FALSE(has_ema(weights));
}

TEST(AveragedWeights, ofAnotherShapeAreRefused) {
  Weights::Entries entries;
  entries["model.a.b"] = constant(1, {2});
  entries["model_ema.ab"] = constant(2, {3});
  EXPECT_THROW(with_ema(Weights(WeightsFormat::kMemory, std::move(entries))), Error);
}

TEST(Rename, refusesTwoTensorsOfOneName) {
  Weights::Entries entries;
  entries["a"] = constant(1, {2});
  entries["b"] = constant(2, {2});
  const Weights weights(WeightsFormat::kMemory, std::move(entries));
  EXPECT_THROW(rename(weights, [](std::string_view) { return std::string("c"); }), Error);
}

}  // namespace
}  // namespace easel
