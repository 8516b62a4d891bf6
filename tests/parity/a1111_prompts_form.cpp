// Prompts as AUTOMATIC1111 reads them: prompts.json, what its parsers make of them, and
// contexts.safetensors, what the text encoders of the models beside the folder make of them.

#include <gtest/gtest.h>

#include <optional>
#include <regex>

#include "backends.h"
#include "form.h"
#include "prompt/attention.h"
#include "prompt/parts.h"
#include "prompt/schedule.h"
#include "prompt_chunks.h"
#include "sd_prompts.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrompts = "prompts.json";
constexpr const char* kContexts = "contexts.safetensors";

// Of the schedules with a second pass: steps of both.
constexpr int kFirstPass = 10, kSecondPass = 6;
// The prompts that `.batch` read together.
constexpr std::size_t kBatch[] = {0, 9, 1};

bool recognises(const fs::path& folder) {
  return fs::exists(folder / kPrompts) &&
         testing::read_text(folder / kPrompts).find("multicond") != std::string::npos;
}

std::vector<WeightedText> weighted(const Json& list) {
  std::vector<WeightedText> out;
  for (const auto& entry : list) {
    out.push_back({entry[0].get<std::string>(), entry[1].get<double>()});
  }
  return out;
}

std::vector<ScheduledText> scheduled(const Json& list) {
  std::vector<ScheduledText> out;
  for (const auto& entry : list) out.push_back({entry[0].get<int>(), entry[1].get<std::string>()});
  return out;
}

// "steps10", "hires", "hires_old"; nothing for what is no schedule.
std::optional<ScheduleSteps> steps_of(const std::string& key) {
  if (key == "hires") return ScheduleSteps{.steps = kFirstPass, .hires_steps = kSecondPass};
  if (key == "hires_old") {
    return ScheduleSteps{.steps = kFirstPass, .hires_steps = kSecondPass, .old_style = true};
  }
  std::smatch found;
  if (!std::regex_match(key, found, std::regex(R"(steps(\d+))"))) return std::nullopt;
  return ScheduleSteps{.steps = std::stoi(found[1])};
}

void compare_syntax(const std::string& part, const Json& entry) {
  const auto prompt = entry["prompt"].get<std::string>();
  SCOPED_TRACE(prompt);
  if (part == "attention") {
    EXPECT_EQ(parse_attention(prompt), weighted(entry["parsed"]));
  } else if (part == "multicond") {
    EXPECT_EQ(split_parts(prompt), weighted(entry["parts"]));
  } else if (part == "chunks") {
    compare_chunks(chunk_text(prompt, openai_tokenizer(), {}, {}), entry);
  } else if (part == "schedules") {
    int compared = 0;
    for (const auto& [key, texts] : entry.items()) {
      const auto steps = steps_of(key);
      if (!steps) continue;
      EXPECT_EQ(schedule(prompt, *steps), scheduled(texts)) << key;
      ++compared;
    }
    EXPECT_GT(compared, 0);
  } else {
    FAIL() << "nothing is known of '" << part << "'";
  }
}

void add_syntax(std::vector<Case>& all, const fs::path& folder) {
  const Json prompts = Json::parse(testing::read_text(folder / kPrompts));
  for (const auto& [part, entries] : prompts.items()) {
    all.push_back({part, [part = part, entries = entries] {
                     ASSERT_GT(entries.size(), 0u);
                     for (const Json& entry : entries) compare_syntax(part, entry);
                   }});
  }
}

/// "sd1.skip2.5": of the model sd1-tiny beside the folder, layers skipped, the prompt.
struct Named {
  std::string model;
  LoneReading reading;
  std::vector<std::size_t> prompts;
};

Named named(const std::string& tensor) {
  Named read;
  const std::size_t dot = tensor.find('.');
  read.model = tensor.substr(0, dot);
  const std::string rest = tensor.substr(dot + 1);
  if (rest == "batch") {
    read.prompts.assign(std::begin(kBatch), std::end(kBatch));
    return read;
  }
  const std::size_t last = rest.rfind('.');
  read.prompts = {std::stoul(last == std::string::npos ? rest : rest.substr(last + 1))};
  if (last == std::string::npos) return read;
  std::string how = rest.substr(0, last);
  if (how.starts_with("skip")) {
    read.reading.skip = std::stoi(how.substr(4)) - 1;
  } else {
    std::ranges::replace(how, '_', ' ');
    const auto emphasis = emphasis_named(how);
    if (!emphasis) throw std::runtime_error("'" + tensor + "' names no emphasis");
    read.reading.emphasis = *emphasis;
  }
  return read;
}

void add_contexts(std::vector<Case>& all, const fs::path& folder) {
  if (!fs::exists(folder / kContexts)) return;
  const auto contexts = std::make_shared<const testing::Expected>(folder / kContexts);
  const std::vector<std::string> prompts = contexts->texts("prompts");
  for (const auto& [name, tensor] : contexts->tensors()) {
    Named read = named(name);
    const fs::path model = folder.parent_path() / (read.model + "-tiny");
    if (!fs::exists(model)) {
      all.push_back({name, [model] { GTEST_SKIP() << model << " is not there"; }});
      continue;
    }
    const auto fixture = std::make_shared<const SdFixture>(model);
    // The second generation's models leave their last layer out by themselves.
    const SdTextConfig text = config_of(*fixture).texts.front();
    read.reading.skip += text.unread_layers + text.reading.skip;
    std::vector<std::string> texts;
    for (const std::size_t i : read.prompts) texts.push_back(prompts.at(i));
    on_every_backend(
        all, "contexts/" + name, [fixture, contexts, name = name, texts, read](const auto& which) {
          compare_conditioner(*fixture, texts, read.reading, contexts->at(name), which);
        });
    // The whole encoder, schedules and all, of a prompt that holds none.
    const bool usual = read.reading.emphasis == Emphasis::kOriginal && texts.size() == 1 &&
                       read.reading.skip == text.unread_layers + text.reading.skip;
    if (!usual || schedule(texts.front(), {.steps = 1}).front().text != texts.front()) continue;
    on_every_backend(
        all, "prompts/" + name, [fixture, contexts, name = name, texts](const auto& which) {
          compare_a1111_prompt(*fixture, {.prompt = texts.front(), .context = contexts->at(name)},
                               which);
        });
  }
}

std::vector<Case> cases(const fs::path& folder) {
  std::vector<Case> all;
  add_syntax(all, folder);
  add_contexts(all, folder);
  return all;
}

}  // namespace

FixtureForm a1111_prompts_form() {
  return {.name = "prompts as AUTOMATIC1111 reads them", .recognises = recognises, .cases = cases};
}

}  // namespace easel::parity
