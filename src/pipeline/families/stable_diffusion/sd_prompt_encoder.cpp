#include "pipeline/families/stable_diffusion/sd_prompt_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/dry/dry.h"
#include "models/embed_number.h"
#include "pipeline/families/stable_diffusion/sd_emphasis.h"

namespace easel {
namespace {

constexpr std::size_t kWaves = 256;  // of each number in SDXL's vector
// What the refiner's training called a good picture, and one to move away from.
constexpr float kGoodScore = 6.0f, kBadScore = 2.5f;

// What of an encoder's tensors is known and not read: layers after the last one that counts, and a
// projection where nothing is pooled. Returns their parameters.
std::int64_t ignore_unread(const Scope& scope, const SdTextConfig& text) {
  std::vector<std::string> names;
  for (int i = 0; i < text.unread_layers; ++i) {
    names.push_back("text_model.encoder.layers." + std::to_string(text.network.depth + i));
  }
  if (text.network.projection == 0) names.push_back("text_projection");
  std::int64_t unread = 0;
  for (const std::string& name : names) {
    scope.ignore(name + ".");
    unread += (scope / name).parameters();
  }
  return unread;
}

std::vector<EmbeddingNames::Name> names_of(const std::vector<TextualInversion>& embeddings) {
  std::vector<EmbeddingNames::Name> names;
  for (const TextualInversion& one : embeddings) {
    names.push_back({.name = one.name, .vectors = one.first.count});
  }
  return names;
}

}  // namespace

SdPromptEncoder::SdPromptEncoder(Backend& backend, Spec spec)
    : backend_(backend),
      spec_(std::move(spec)),
      embeddings_(names_of(spec_.embeddings), *spec_.tokenizer),
      cache_(static_cast<std::size_t>(std::max(1, spec_.remembered))) {
  const auto paper = make_dry_backend();
  for (const SdTextConfig& text : spec_.texts) {
    const Scope scope = spec_.scope / text.scope;
    const ClipTextEncoder checked({*paper, scope}, text.network);
    const std::int64_t unread = ignore_unread(scope, text);
    scope.require_all_taken();
    parameters_ += scope.parameters() - unread;
  }
}

void SdPromptEncoder::load() {
  if (!networks_.empty()) return;
  for (const SdTextConfig& text : spec_.texts) {
    networks_.emplace_back(Place{backend_, spec_.scope / text.scope}, text.network);
  }
}

std::int64_t SdPromptEncoder::context_channels() const {
  std::int64_t channels = 0;
  for (const SdTextConfig& text : spec_.texts) channels += text.network.channels;
  return channels;
}

std::int64_t SdPromptEncoder::pooled_channels() const {
  std::int64_t channels = 0;
  for (const SdTextConfig& text : spec_.texts) {
    if (text.reading.pooled) channels += text.network.projection;
  }
  return channels;
}

SdPromptEncoder::Read SdPromptEncoder::read(const Prompts& prompts) const {
  const ReadingTools tools{.tokenizer = *spec_.tokenizer, .embeddings = embeddings_};
  Read read{.prompt = chunk_parts(prompts.prompt, false, prompts, tools), .negative = {}};
  // Several parts are weighed against the negative prompt, also where the scale is 1.
  if (prompts.guided || read.prompt.parts.size() > 1) {
    read.negative = chunk_parts(prompts.negative, true, prompts, tools);
  }
  return read;
}

std::vector<const EncodedPart*> SdPromptEncoder::parts_of(const Read& read) {
  std::vector<const EncodedPart*> parts;
  if (read.negative) parts.push_back(&read.negative->parts.front());
  for (const EncodedPart& part : read.prompt.parts) parts.push_back(&part);
  return parts;
}

bool SdPromptEncoder::remembers(const Prompts& prompts) {
  const Read asked = read(prompts);
  return std::ranges::all_of(parts_of(asked), [&](const EncodedPart* part) {
    return cache_.find(part->batch.key) != nullptr;
  });
}

int SdPromptEncoder::contexts_a_step(const Prompts& prompts) const {
  return static_cast<int>(parts_of(read(prompts)).size());
}

std::size_t SdPromptEncoder::text_floats(const TextBatch& batch) const {
  return batch.texts.front().chunks.size() * kChunkIds *
             static_cast<std::size_t>(context_channels()) +
         static_cast<std::size_t>(pooled_channels());
}

std::vector<ClipTextEncoder::Replaced> SdPromptEncoder::replaced_in(const TextBatch& batch,
                                                                    std::size_t chunk,
                                                                    std::size_t i) const {
  std::vector<ClipTextEncoder::Replaced> replaced;
  for (std::size_t text = 0; text < batch.texts.size(); ++text) {
    for (const EmbeddingPlace& place : batch.texts[text].chunks[chunk].embeddings) {
      const auto found = std::ranges::find(spec_.embeddings, place.name, &TextualInversion::name);
      const auto& vectors = i > 0 && found->second ? *found->second : found->first;
      const auto width = static_cast<std::size_t>(vectors.width);
      const std::size_t first = text * kChunkIds + 1 + static_cast<std::size_t>(place.offset);
      for (std::size_t k = 0; k < static_cast<std::size_t>(place.vectors); ++k) {
        replaced.push_back(
            {.token = first + k, .vector = std::span(vectors.values).subspan(k * width, width)});
      }
    }
  }
  return replaced;
}

// The ids of one chunk of all texts. What follows a text's end is the encoder's own padding.
std::vector<std::int32_t> SdPromptEncoder::ids_of(const TextBatch& batch, std::size_t chunk,
                                                  std::int32_t padding) const {
  std::vector<std::int32_t> ids;
  for (const ChunkedPrompt& text : batch.texts) {
    const auto& mine = text.chunks[chunk].ids;
    const auto end = std::ranges::find(mine, spec_.tokenizer->end());
    ids.insert(ids.end(), mine.begin(), mine.end());
    if (end == mine.end()) continue;
    std::fill(ids.end() - std::distance(end, mine.end()) + 1, ids.end(), padding);
  }
  return ids;
}

// `out`: text_floats() for each text of the batch.
void SdPromptEncoder::encode_chunk(const TextBatch& batch, std::size_t chunk,
                                   const PromptReading& reading, std::span<float> out) {
  const std::size_t texts = batch.texts.size(), stride = text_floats(batch);
  const auto width = static_cast<std::size_t>(context_channels());
  std::size_t channel = 0, pooled_at = stride - static_cast<std::size_t>(pooled_channels());
  for (std::size_t i = 0; i < spec_.texts.size(); ++i) {
    const SdTextConfig& config = spec_.texts[i];
    const auto columns = static_cast<std::size_t>(config.network.channels);
    const bool pooled = config.reading.pooled && chunk == 0;
    const auto replaced = replaced_in(batch, chunk, i);
    const ClipTextEncoder::Output output = networks_[i](
        ids_of(batch, chunk, config.reading.padding), {.skip = skip_of(config, reading),
                                                       .final_norm = config.reading.final_norm,
                                                       .pooled = pooled,
                                                       .replaced = replaced});
    std::vector<float> rows(texts * kChunkIds * columns);
    backend_.download(output.sequence, Layout::kPixels, rows);
    emphasize(rows, weights_of(batch, chunk), reading.emphasis);
    for (std::size_t row = 0; row < texts * kChunkIds; ++row) {
      const std::size_t at =
          row / kChunkIds * stride + (chunk * kChunkIds + row % kChunkIds) * width + channel;
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(row * columns), columns,
                  out.begin() + static_cast<std::ptrdiff_t>(at));
    }
    channel += columns;
    if (!pooled) continue;
    const auto size = static_cast<std::size_t>(config.network.projection);
    std::vector<float> vectors(texts * size);
    backend_.download(output.pooled, Layout::kPixels, vectors);
    for (std::size_t text = 0; text < texts; ++text) {
      std::copy_n(vectors.begin() + static_cast<std::ptrdiff_t>(text * size), size,
                  out.begin() + static_cast<std::ptrdiff_t>(text * stride + pooled_at));
    }
    pooled_at += size;
  }
}

std::vector<float> SdPromptEncoder::encode(const TextBatch& batch, const PromptReading& reading) {
  std::vector<float> out(batch.texts.size() * text_floats(batch));
  for (std::size_t chunk = 0; chunk < batch.texts.front().chunks.size(); ++chunk) {
    encode_chunk(batch, chunk, reading, out);
  }
  return out;
}

void SdPromptEncoder::prepare(const Prompts& prompts) {
  const Read asked = read(prompts);
  for (const EncodedPart* part : parts_of(asked)) {
    if (cache_.find(part->batch.key) != nullptr) continue;
    load();
    cache_.put(part->batch.key, encode(part->batch, prompts.reading));
  }
}

// Sizes as AUTOMATIC1111 gives them: the picture asked for is the original and the target, uncut.
void SdPromptEncoder::append_sizes(const Prompts& prompts, bool negative,
                                   std::vector<float>& vector) const {
  const auto size_or = [&](const Image::Size& size) {
    return size.width > 0 ? size : prompts.size;
  };
  const Image::Size original = size_or(prompts.sizes.original);
  std::vector<int> numbers = {original.height, original.width, prompts.sizes.crop_top,
                              prompts.sizes.crop_left};
  if (spec_.vector == SdVector::kSizes) {
    const Image::Size target = size_or(prompts.sizes.target);
    numbers.insert(numbers.end(), {target.height, target.width});
  }
  std::vector<float> values(numbers.begin(), numbers.end());
  if (spec_.vector == SdVector::kAesthetic) values.push_back(negative ? kBadScore : kGoodScore);
  for (const float value : values) {
    vector.resize(vector.size() + kWaves);
    embed_number(value, std::span(vector).last(kWaves));
  }
}

Conditioning SdPromptEncoder::conditioning(const EncodedPart& part, std::size_t text,
                                           const Prompts& prompts, bool negative) {
  const std::size_t size = text_floats(part.batch);
  const std::vector<float>& all = *cache_.find(part.batch.key);
  std::vector<float> values(all.begin() + static_cast<std::ptrdiff_t>(text * size),
                            all.begin() + static_cast<std::ptrdiff_t>((text + 1) * size));
  if (negative && prompts.negative.empty() && spec_.zero_empty_negative &&
      !prompts.keep_empty_negative) {
    std::ranges::fill(values, 0.0f);
  }
  const std::size_t rows = size - static_cast<std::size_t>(pooled_channels());
  Conditioning conditioning;
  conditioning.sequence =
      Tensor(backend_.arena(),
             {1, static_cast<std::int64_t>(rows) / context_channels(), context_channels()});
  backend_.upload(std::span(values).first(rows), Layout::kPixels, conditioning.sequence);
  if (spec_.vector == SdVector::kNone) return conditioning;
  std::vector<float> vector(values.begin() + static_cast<std::ptrdiff_t>(rows), values.end());
  append_sizes(prompts, negative, vector);
  conditioning.vector = Tensor(backend_.arena(), {1, std::ssize(vector)});
  backend_.upload(vector, Layout::kPixels, conditioning.vector);
  return conditioning;
}

Told SdPromptEncoder::told(const Prompts& prompts) {
  const Read asked = read(prompts);
  Told told;
  std::vector<int> firsts;  // the context of each part's first text
  for (const EncodedPart* part : parts_of(asked)) {
    firsts.push_back(static_cast<int>(told.contexts.size()));
    const bool negative = asked.negative && part == &asked.negative->parts.front();
    for (std::size_t text = 0; text < part->batch.texts.size(); ++text) {
      told.contexts.push_back(conditioning(*part, text, prompts, negative));
    }
  }
  // One more than the schedules know: what is told when a sampler asks oftener.
  const int steps = std::max({1, prompts.steps, prompts.second_pass.value_or(0)});
  for (int step = 0; step <= steps + 1; ++step) {
    Told::Step now;
    auto first = firsts.begin();
    const auto context_of = [&](const EncodedPart& part) {
      return *first++ + static_cast<int>(part.text_at(step));
    };
    if (asked.negative) now.negative = context_of(asked.negative->parts.front());
    for (const EncodedPart& part : asked.prompt.parts) {
      now.parts.push_back({.context = context_of(part), .weight = part.weight});
    }
    told.steps.push_back(std::move(now));
  }
  return told;
}

std::int64_t SdPromptEncoder::activations(int texts) const {
  std::int64_t most = 0;
  for (const SdTextConfig& text : spec_.texts) {
    most = std::max(most, 10 * text.network.channels + 2 * text.network.inner);
  }
  return texts * kChunkIds * most * std::int64_t{4};
}

}  // namespace easel
