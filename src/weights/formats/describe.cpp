#include "weights/formats/describe.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "weights/file.h"
#include "weights/formats/zip.h"

namespace easel {
namespace {

constexpr std::size_t kMaxNamedParts = 12;

// Modules whose functions reach outside the process: no checkpoint needs them.
constexpr std::string_view kSuspiciousModules[] = {
    "os",         "posix",    "nt",       "sys",       "subprocess", "shutil",  "socket",
    "pty",        "runpy",    "code",     "importlib", "ctypes",     "pickle",  "_pickle",
    "webbrowser", "requests", "urllib",   "http",      "ftplib",     "asyncio", "multiprocessing",
    "threading",  "pip",      "commands", "operator",  "functools",  "types",   "marshal",
    "bdb",        "pdb",      "timeit",   "cProfile",  "profile",    "trace",   "platform",
};
constexpr std::string_view kSuspiciousBuiltins[] = {"eval",     "exec",    "compile",    "open",
                                                    "getattr",  "setattr", "__import__", "apply",
                                                    "execfile", "input",   "breakpoint"};

std::string_view first_component(std::string_view name) { return name.substr(0, name.find('.')); }

bool is_suspicious(std::string_view name) {
  const std::string_view module = first_component(name);
  if (module == "builtins" || module == "__builtin__") {
    const std::string_view function = name.substr(name.rfind('.') + 1);
    return std::find(std::begin(kSuspiciousBuiltins), std::end(kSuspiciousBuiltins), function) !=
           std::end(kSuspiciousBuiltins);
  }
  return std::find(std::begin(kSuspiciousModules), std::end(kSuspiciousModules), module) !=
         std::end(kSuspiciousModules);
}

const NamedPart* find_part(std::span<const NamedPart> known, std::string_view name) {
  for (const NamedPart& part : known) {
    if (name.starts_with(part.prefix) && name.size() > part.prefix.size() &&
        name[part.prefix.size()] == '.') {
      return &part;
    }
  }
  return nullptr;
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) out += fmt::format(" and {} more", names.size() - kShown);
  return out;
}

void add(PartSummary& part, const Weights::Entry& entry) {
  const std::int64_t parameters = entry.source.shape.elements();
  ++part.tensors;
  part.parameters += parameters;
  part.bytes += entry.bytes;
  DTypeSummary& dtype = part.dtypes[entry.source.dtype];
  ++dtype.tensors;
  dtype.parameters += parameters;
  dtype.bytes += entry.bytes;
}

}  // namespace

std::string_view name_of(WeightsFormat format) {
  switch (format) {
    case WeightsFormat::kSafetensors:
      return "safetensors";
    case WeightsFormat::kTorchZip:
      return "PyTorch zip archive";
    case WeightsFormat::kTorchLegacy:
      return "PyTorch legacy file";
    case WeightsFormat::kHuggingFaceFolder:
      return "Hugging Face folder";
    case WeightsFormat::kMemory:
      return "memory";
  }
  return "?";
}

std::vector<PartSummary> summarize_parts(const Weights& weights,
                                         std::span<const NamedPart> parts_known) {
  std::set<std::string_view> unknown;
  for (const auto& [name, entry] : weights.entries()) {
    if (find_part(parts_known, name) == nullptr && name.find('.') != std::string::npos) {
      unknown.insert(first_component(name));
    }
  }
  const bool by_component = unknown.size() <= kMaxNamedParts;

  std::vector<PartSummary> parts;
  for (const auto& [name, entry] : weights.entries()) {
    const NamedPart* known = find_part(parts_known, name);
    const bool dotted = name.find('.') != std::string::npos;
    const std::string prefix(known != nullptr         ? known->prefix
                             : by_component && dotted ? first_component(name)
                                                      : std::string_view());
    auto part = std::find_if(parts.begin(), parts.end(),
                             [&](const PartSummary& p) { return p.prefix == prefix; });
    if (part == parts.end()) {
      parts.push_back({.prefix = prefix, .role = std::string(known == nullptr ? "" : known->role)});
      part = parts.end() - 1;
    }
    add(*part, entry);
  }
  return parts;
}

SafetySummary summarize_safety(const Weights& weights) {
  const WeightsDetails& details = weights.details();
  SafetySummary summary;
  if (!details.has_pickle) {
    summary.text = "safe: the format holds only numbers";
    return summary;
  }
  for (const std::string& name : details.foreign_names) {
    if (is_suspicious(name)) summary.suspicious.push_back(name);
  }
  summary.safe_elsewhere = details.foreign_names.empty();
  if (details.foreign_names.empty()) {
    summary.text = "safe: a pickle that holds only tensors and plain values";
  } else if (summary.suspicious.empty()) {
    summary.text = fmt::format(
        "safe here: it is read as data and nothing in it is run; its pickle also names {}, which "
        "other programs may run",
        joined(details.foreign_names));
  } else {
    summary.text = fmt::format(
        "safe here only because nothing in it is run: its pickle calls {}, as no honest checkpoint "
        "does; do not open it with other programs",
        joined(summary.suspicious));
  }
  return summary;
}

void verify_checksums(const std::filesystem::path& path) {
  const auto file = File::open(path);
  if (file->size() < 2) return;
  std::array<std::byte, 2> head{};
  file->read_at(0, head);
  if (head[0] != std::byte{'P'} || head[1] != std::byte{'K'}) return;
  const ZipDirectory directory = read_zip_directory(*file);
  for (const auto& [name, entry] : directory.entries) check_zip_entry(*file, name, entry);
}

}  // namespace easel
