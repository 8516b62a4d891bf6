#include "weights/containers.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <vector>

namespace easel {
namespace {

// Without "_state_dict", "_params" and the like at their end; the surest first.
constexpr std::string_view kNetworks[] = {"state_dict", "params",  "model",  "net_g",     "netg",
                                          "generator",  "gen",     "g",      "network_g", "net",
                                          "network",    "weights", "module", "models",    "state"};
constexpr std::string_view kEndings[] = {"_state_dict", "_state", "_weights", "_params", "_dict"};
constexpr std::string_view kAveragedWords[] = {"ema", "averaged", "avg", "swa"};
constexpr std::string_view kOtherWords[] = {
    "optimizer", "optimizers", "optim",  "opt",           "scheduler", "schedulers",
    "lr",        "d",          "netd",   "discriminator", "disc",      "critic",
    "loss",      "losses",     "scaler", "callbacks",     "loops",     "hyper"};

template <std::size_t n>
bool contains(const std::string_view (&list)[n], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    if (c == '_') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace

Container container_named(std::string_view name) {
  std::string plain(name.substr(0, 64));
  for (char& c : plain) {
    c = c == '-' || c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  bool averaged = false;
  for (const std::string& word : words_of(plain)) {
    if (contains(kOtherWords, word)) return {.is_known_not = true};
    averaged |= contains(kAveragedWords, word);
  }
  if (averaged) return {.kind = ContainerKind::kAveraged};
  const auto place_of = [](std::string_view text) {
    const auto* found = std::find(std::begin(kNetworks), std::end(kNetworks), text);
    return static_cast<int>(found - std::begin(kNetworks));
  };
  int place = place_of(plain);
  for (const std::string_view ending : kEndings) {
    if (!plain.ends_with(ending)) continue;
    place =
        std::min(place, place_of(std::string_view(plain).substr(0, plain.size() - ending.size())));
  }
  if (place == static_cast<int>(std::size(kNetworks))) return {};
  return {.kind = ContainerKind::kWeights, .place = place};
}

bool better(const Container& a, const Container& b) {
  return a.kind != b.kind ? a.kind > b.kind : a.place < b.place;
}

}  // namespace easel
