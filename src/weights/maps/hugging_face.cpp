#include "weights/maps/hugging_face.h"

#include "core/error.h"

namespace easel {
namespace {

constexpr Renamed kResBlock[] = {
    {"norm1", "in_layers.0"},  {"conv1", "in_layers.2"},  {"time_emb_proj", "emb_layers.1"},
    {"norm2", "out_layers.0"}, {"conv2", "out_layers.3"}, {"conv_shortcut", "skip_connection"},
};

constexpr Renamed kAutoencoderBlock[] = {{"conv_shortcut", "nin_shortcut"}};

// The same attention, as diffusers spelled it until 0.11 and since.
constexpr Renamed kAutoencoderAttention[] = {
    {"group_norm", "norm"},    {"query", "q"}, {"key", "k"},  {"value", "v"},
    {"proj_attn", "proj_out"}, {"to_q", "q"},  {"to_k", "k"}, {"to_v", "v"},
    {"to_out.0", "proj_out"},
};

constexpr Renamed kUnet[] = {
    {"conv_in", "input_blocks.0.0"},
    {"time_embedding.linear_1", "time_embed.0"},
    {"time_embedding.linear_2", "time_embed.2"},
    {"add_embedding.linear_1", "label_emb.0.0"},
    {"add_embedding.linear_2", "label_emb.0.2"},
    {"mid_block.attentions.0", "middle_block.1"},
    {"conv_norm_out", "out.0"},
    {"conv_out", "out.2"},
};

constexpr Renamed kBert[] = {
    {"model.embed_tokens", "token_emb"},
    {"model.embed_positions", "pos_emb.emb"},
    {"model.layer_norm", "norm"},
};

// A layer of LDMBert is two of x_transformer's: attention, then the feed-forward.
constexpr Renamed kBertAttention[] = {
    {"self_attn_layer_norm", "0"},      {"self_attn.q_proj", "1.to_q"},
    {"self_attn.k_proj", "1.to_k"},     {"self_attn.v_proj", "1.to_v"},
    {"self_attn.out_proj", "1.to_out"},
};
constexpr Renamed kBertFeedForward[] = {
    {"final_layer_norm", "0"},
    {"fc1", "1.net.0.0"},
    {"fc2", "1.net.2"},
};

template <std::size_t n>
void add_all(KeyTable& table, const Renamed (&list)[n]) {
  for (const Renamed& entry : list) table.add(std::string(entry.from), std::string(entry.to));
}

bool has(const Weights& weights, const std::string& module) {
  return weights.contains_prefix(module + ".");
}

// How many of PREFIX.0, PREFIX.1, … there are.
int count(const Weights& weights, const std::string& prefix) {
  int n = 0;
  while (has(weights, prefix + "." + std::to_string(n))) ++n;
  return n;
}

// encoder or decoder
void add_autoencoder_half(KeyTable& table, const Weights& weights, const std::string& half) {
  const bool decoder = half == "decoder";
  const std::string blocks = half + (decoder ? ".up_blocks" : ".down_blocks");
  const int levels = count(weights, blocks);
  for (int i = 0; i < levels; ++i) {
    const std::string from = blocks + "." + std::to_string(i);
    // The original counts the decoder's levels from the finest.
    const std::string to = decoder ? half + ".up." + std::to_string(levels - 1 - i)
                                   : half + ".down." + std::to_string(i);
    for (int j = 0; j < count(weights, from + ".resnets"); ++j) {
      const std::string index = fmt::format(".{}", j);
      table.add(from + ".resnets" + index, to + ".block" + index, kAutoencoderBlock);
    }
    table.add(from + ".downsamplers.0.conv", to + ".downsample.conv");
    table.add(from + ".upsamplers.0.conv", to + ".upsample.conv");
  }
  table.add(half + ".mid_block.resnets.0", half + ".mid.block_1", kAutoencoderBlock);
  table.add(half + ".mid_block.resnets.1", half + ".mid.block_2", kAutoencoderBlock);
  table.add(half + ".mid_block.attentions.0", half + ".mid.attn_1", kAutoencoderAttention);
  table.add(half + ".conv_norm_out", half + ".norm_out");
}

}  // namespace

KeyTable hugging_face_unet_table(const Weights& unet) {
  KeyTable table;
  add_all(table, kUnet);
  table.add("mid_block.resnets.0", "middle_block.0", kResBlock);
  table.add("mid_block.resnets.1", "middle_block.2", kResBlock);

  int index = 1;  // input_blocks.0 is conv_in
  for (int block = 0; block < count(unet, "down_blocks"); ++block) {
    const std::string from = "down_blocks." + std::to_string(block);
    for (int j = 0; j < count(unet, from + ".resnets"); ++j, ++index) {
      const std::string to = "input_blocks." + std::to_string(index);
      table.add(from + ".resnets." + std::to_string(j), to + ".0", kResBlock);
      table.add(from + ".attentions." + std::to_string(j), to + ".1");
    }
    if (!has(unet, from + ".downsamplers.0")) continue;
    table.add(from + ".downsamplers.0.conv", "input_blocks." + std::to_string(index) + ".0.op");
    ++index;
  }

  index = 0;
  for (int block = 0; block < count(unet, "up_blocks"); ++block) {
    const std::string from = "up_blocks." + std::to_string(block);
    for (int j = 0; j < count(unet, from + ".resnets"); ++j, ++index) {
      const std::string to = "output_blocks." + std::to_string(index);
      table.add(from + ".resnets." + std::to_string(j), to + ".0", kResBlock);
      table.add(from + ".attentions." + std::to_string(j), to + ".1");
    }
    // The upsampling convolution is the last part of the level's last block.
    const std::string place = has(unet, from + ".attentions") ? ".2.conv" : ".1.conv";
    table.add(from + ".upsamplers.0.conv", "output_blocks." + std::to_string(index - 1) + place);
  }
  return table;
}

namespace {

constexpr Renamed kResBlockBack[] = {
    {"in_layers.0", "norm1"},  {"in_layers.2", "conv1"},  {"emb_layers.1", "time_emb_proj"},
    {"out_layers.0", "norm2"}, {"out_layers.3", "conv2"}, {"skip_connection", "conv_shortcut"},
};

std::string numbered(std::string_view list, int number) {
  return std::string(list) + "." + std::to_string(number);
}

// One level more begins behind each halving.
void add_input_blocks_back(KeyTable& table, const Weights& model, const std::string& prefix) {
  int level = 0, in_level = 0;
  for (int i = 1; has(model, prefix + numbered("input_blocks", i)); ++i) {
    const std::string from = numbered("input_blocks", i), down = numbered("down_blocks", level);
    if (has(model, prefix + from + ".0.op")) {
      table.add(from + ".0.op", down + ".downsamplers.0.conv");
      ++level;
      in_level = 0;
      continue;
    }
    table.add(from + ".0", down + "." + numbered("resnets", in_level), kResBlockBack);
    table.add(from + ".1", down + "." + numbered("attentions", in_level));
    ++in_level;
  }
}

// A level ends behind each enlarging.
void add_output_blocks_back(KeyTable& table, const Weights& model, const std::string& prefix) {
  int level = 0, in_level = 0;
  for (int i = 0; has(model, prefix + numbered("output_blocks", i)); ++i) {
    const std::string from = numbered("output_blocks", i), up = numbered("up_blocks", level);
    table.add(from + ".0", up + "." + numbered("resnets", in_level), kResBlockBack);
    const bool plain = has(model, prefix + from + ".1.conv");  // no transformer before it
    if (!plain) table.add(from + ".1", up + "." + numbered("attentions", in_level));
    ++in_level;
    const std::string enlarge = from + (plain ? ".1.conv" : ".2.conv");
    if (!has(model, prefix + enlarge)) continue;
    table.add(enlarge, up + ".upsamplers.0.conv");
    ++level;
    in_level = 0;
  }
}

}  // namespace

KeyTable unet_table_to_hugging_face(const Weights& model, std::string_view prefix) {
  KeyTable table;
  for (const Renamed& entry : kUnet) table.add(std::string(entry.to), std::string(entry.from));
  table.add("middle_block.0", "mid_block.resnets.0", kResBlockBack);
  table.add("middle_block.2", "mid_block.resnets.1", kResBlockBack);
  add_input_blocks_back(table, model, std::string(prefix));
  add_output_blocks_back(table, model, std::string(prefix));
  return table;
}

KeyTable hugging_face_autoencoder_table(const Weights& autoencoder) {
  KeyTable table;
  add_autoencoder_half(table, autoencoder, "encoder");
  add_autoencoder_half(table, autoencoder, "decoder");
  return table;
}

KeyTable hugging_face_bert_table(const Weights& bert) {
  KeyTable table;
  add_all(table, kBert);
  for (int i = 0; i < count(bert, "model.layers"); ++i) {
    const std::string from = "model.layers." + std::to_string(i) + ".";
    const std::string attention = "attn_layers.layers." + std::to_string(2 * i) + ".";
    const std::string feed_forward = "attn_layers.layers." + std::to_string(2 * i + 1) + ".";
    for (const Renamed& part : kBertAttention) {
      table.add(from + std::string(part.from), attention + std::string(part.to));
    }
    for (const Renamed& part : kBertFeedForward) {
      table.add(from + std::string(part.from), feed_forward + std::string(part.to));
    }
  }
  return table;
}

}  // namespace easel
