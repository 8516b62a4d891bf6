#include "hostile_cases.h"

#include <fmt/format.h>

#include <utility>

#include "builders.h"

namespace easel::test {

using namespace std::string_literals;
namespace {

// One good tensor of 16 bytes, with the three fields as given.
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"t":{"dtype":)"s + dtype + R"(,"shape":)"s + shape + R"(,"data_offsets":)"s + offsets +
         "}}";
}

const std::string kData(16, '\1');

std::string with_length(std::uint64_t length, std::string_view rest) {
  return little_endian(length, 8) + std::string(rest);
}

std::string many(int count, const std::string& offsets) {
  std::string header = "{";
  for (int i = 0; i < count; ++i) {
    header += (i == 0 ? "\"" : ",\"") + std::to_string(i) +
              R"(":{"dtype":"U8","shape":[16],"data_offsets":)"s + offsets + "}";
  }
  return header + "}";
}

}  // namespace

std::vector<HostileCase> hostile_common() {
  std::vector<HostileCase> cases = {{"an empty file", ""}};
  const std::pair<std::string, std::string> fills[] = {
      {"zeros", std::string(1, '\0')}, {"ones", "\xff"},  {"braces", "{"}, {"Ps", "P"},
      {"zip headers", "PK\3\4"},       {"PROTOs", "\x80"}};
  for (const auto& [what, fill] : fills) {
    for (const std::size_t length : {1u, 7u, 8u, 9u, 21u, 22u, 30u, 64u}) {
      std::string bytes;
      while (bytes.size() < length) bytes += fill;
      bytes.resize(length);
      cases.push_back({fmt::format("{} bytes of {}", length, what), bytes});
    }
  }
  cases.push_back({"a web page", "<!DOCTYPE html><html></html>"});
  cases.push_back({"an LFS pointer", "version https://git-lfs.github.com/spec/v1\n"});
  cases.push_back({"a GGUF file", "GGUF"s + std::string(60, '\0')});
  cases.push_back({"gzip", "\x1f\x8b\x08"s + std::string(60, '\0')});
  std::string tar(512, '\0');
  tar.replace(257, 5, "ustar");
  cases.push_back({"a tar archive", tar});
  return cases;
}

std::vector<HostileCase> hostile_safetensors() {
  const auto header = [](std::string text) { return safetensors_file(text, kData); };
  const std::string good = entry(R"("F32")", "[4]", "[0,16]");
  std::vector<HostileCase> cases = {
      {"spaces after the header", header(good + "    "), true},
      {"a scalar", safetensors_file(entry(R"("F32")", "[]", "[0,4]"), "1234"), true},
      {"a zero size", safetensors_file(entry(R"("F32")", "[3,0]", "[0,0]"), ""), true},
      {"no tensors", safetensors_file("{}", ""), true},
      {"length 0", with_length(0, kData)},
      {"length 1", with_length(1, "{"s + kData)},
      {"length 7", with_length(7, "{"s + kData)},
      {"length beyond the file", with_length(1000, good)},
      {"length one beyond the file", with_length(good.size() + 1, good)},
      {"length 2^63", with_length(std::uint64_t{1} << 63, good + kData)},
      {"length 2^64 - 1", with_length(~std::uint64_t{0}, good + kData)},
      {"length 2^64 - 8", with_length(~std::uint64_t{7}, good + kData)},
      {"a list", header("["s + good + "]")},
      {"a space before the header", header(" "s + good)},
      {"a byte order mark", header("\xef\xbb\xbf"s + good)},
      {"a newline after the header", header(good + "\n")},
      {"a zero byte after the header", header(good + std::string(4, '\0'))},
      {"a zero byte and a second header", header(good + std::string(1, '\0') + good)},
      {"two headers", header(good + good)},
      {"invalid UTF-8 in a name", header("{\"\xff\":"s + good.substr(5))},
      {"an overlong UTF-8 name", header("{\"\xc0\xaf\":"s + good.substr(5))},
      {"a surrogate in a name", header("{\"\xed\xa0\x80\":"s + good.substr(5))},
      {"an escaped zero in a name", header("{\"a\\u0000b\":"s + good.substr(5))},
      {"a newline in a name", header("{\"a\\nb\":"s + good.substr(5))},
      {"a name of 1 MiB", header("{\""s + std::string(1 << 20, 'n') + "\":"s + good.substr(5))},
      {"a trailing comma", header(good.substr(0, good.size() - 1) + ",}")},
      {"NaN", header(entry(R"("F32")", "[NaN]", "[0,16]"))},
      {"1e999", header(entry(R"("F32")", "[1e999]", "[0,16]"))},
      {"1e3", header(entry(R"("F32")", "[1e3]", "[0,16]"))},
      {"4.0", header(entry(R"("F32")", "[4.0]", "[0,16]"))},
      {"a negative size", header(entry(R"("F32")", "[-4]", "[0,16]"))},
      {"two negative sizes", header(entry(R"("F32")", "[-2,-2]", "[0,16]"))},
      {"minus zero", header(entry(R"("F32")", "[-0]", "[0,16]"))},
      {"size 2^63", header(entry(R"("F32")", "[9223372036854775808]", "[0,16]"))},
      {"size 2^64", header(entry(R"("F32")", "[18446744073709551616]", "[0,16]"))},
      {"a product that wraps to 0", header(entry(R"("F32")", "[4294967296,4294967296]", "[0,16]"))},
      {"a product that wraps to the right size",
       header(entry(R"("F32")", "[4611686018427387905,4]", "[0,16]"))},
      {"bytes that wrap to the right size",
       header(entry(R"("F32")", "[4611686018427387908]", "[0,16]"))},
      {"2^62 rows of nothing",
       safetensors_file(entry(R"("F32")", "[4611686018427387904,0]", "[0,0]"), ""), true},
      {"nine dimensions", header(entry(R"("F32")", "[4,1,1,1,1,1,1,1,1]", "[0,16]"))},
      {"10,000 dimensions",
       header(entry(R"("F32")", "[4"s + std::string(20000, ' ') + "]", "[0,16]")
                  .replace(30, 10000,
                           [] {
                             std::string ones;
                             for (int i = 0; i < 5000; ++i) ones += "1,";
                             return ones;
                           }()))},
      {"a depth of 100,000", header(R"({"t":)" + std::string(100000, '[') + "}")},
      {"a depth of 100,000 in the metadata",
       header(R"({"__metadata__":)" + std::string(100000, '[') + "}")},
      {"objects 100,000 deep", header([] {
         std::string text;
         for (int i = 0; i < 100000; ++i) text += R"({"a":)";
         return text + "}";
       }())},
      {"one tensor twice, both empty",
       safetensors_file(R"({"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                        R"("t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                        "")},
      {"one tensor twice", header("{"s + good.substr(1, good.size() - 2) + ","s + good.substr(1))},
      {"dtype twice",
       header(R"({"t":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}})")},
      {"shape twice",
       header(R"({"t":{"dtype":"F32","shape":[4],"shape":[4],"data_offsets":[0,16]}})")},
      {"offsets twice",
       header(R"({"t":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"data_offsets":[0,16]}})")},
      {"no dtype", header(R"({"t":{"shape":[4],"data_offsets":[0,16]}})")},
      {"no shape", header(R"({"t":{"dtype":"F32","data_offsets":[0,16]}})")},
      {"no offsets", header(R"({"t":{"dtype":"F32","shape":[4]}})")},
      {"an unknown field",
       header(R"({"t":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"x":1}})")},
      {"a tensor that is null", header(R"({"t":null})")},
      {"a tensor that is a number", header(R"({"t":16})")},
      {"a tensor that is text", header(R"({"t":"F32"})")},
      {"a tensor that is a list", header(R"({"t":[0,16]})")},
      {"dtype a number", header(entry("32", "[4]", "[0,16]"))},
      {"dtype null", header(entry("null", "[4]", "[0,16]"))},
      {"dtype a list", header(entry(R"(["F32"])", "[4]", "[0,16]"))},
      {"dtype unknown", header(entry(R"("F31")", "[4]", "[0,16]"))},
      {"dtype in lower case", header(entry(R"("f32")", "[4]", "[0,16]"))},
      {"dtype of 4 bits", safetensors_file(entry(R"("F4")", "[4]", "[0,2]"), "12")},
      {"shape a number", header(entry(R"("F32")", "4", "[0,16]"))},
      {"shape text", header(entry(R"("F32")", R"("4")", "[0,16]"))},
      {"shape of text", header(entry(R"("F32")", R"(["4"])", "[0,16]"))},
      {"shape of booleans", header(entry(R"("F32")", "[true]", "[0,16]"))},
      {"shape of lists", header(entry(R"("F32")", "[[4]]", "[0,16]"))},
      {"shape an object", header(entry(R"("F32")", "{}", "[0,16]"))},
      {"offsets one number", header(entry(R"("F32")", "[4]", "[16]"))},
      {"offsets three numbers", header(entry(R"("F32")", "[4]", "[0,16,16]"))},
      {"offsets empty", header(entry(R"("F32")", "[4]", "[]"))},
      {"offsets backwards", header(entry(R"("F32")", "[4]", "[16,0]"))},
      {"offsets beyond the file", header(entry(R"("F32")", "[8]", "[0,32]"))},
      {"offsets 2^64 - 1", header(entry(R"("F32")", "[4]", "[0,18446744073709551615]"))},
      {"fewer bytes than the shape", header(entry(R"("F32")", "[5]", "[0,16]"))},
      {"more bytes than the shape", header(entry(R"("F32")", "[3]", "[0,16]"))},
      {"a hole at the start", safetensors_file(entry(R"("F32")", "[3]", "[4,16]"), kData)},
      {"trailing bytes", safetensors_file(good, kData + "PK\5\6")},
      {"a missing byte", safetensors_file(good, kData.substr(1))},
      {"tensors all over one range", header(many(2, "[0,16]"))},
      {"50,000 tensors over one range", header(many(50000, "[0,16]"))},
      {"100,000 tensors over one range", header(many(100000, "[0,16]"))},
      {"280,000 tensors of nothing",
       safetensors_file(
           [] {
             std::string text = "{";
             for (int i = 0; i < 280000; ++i) {
               text += (i == 0 ? "\"" : ",\"") + std::to_string(i) +
                       R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
             }
             return text + "}";
           }(),
           "")},
      {"overlapping tensors",
       safetensors_file(R"({"a":{"dtype":"U8","shape":[10],"data_offsets":[0,10]},)"
                        R"("b":{"dtype":"U8","shape":[10],"data_offsets":[6,16]}})",
                        kData)},
      {"a hole between tensors",
       safetensors_file(R"({"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},)"
                        R"("b":{"dtype":"U8","shape":[6],"data_offsets":[10,16]}})",
                        kData)},
      {"metadata that is text", header(R"({"__metadata__":"x",)"s + good.substr(1))},
      {"metadata that is a list", header(R"({"__metadata__":[],)"s + good.substr(1))},
      {"metadata of numbers", header(R"({"__metadata__":{"a":1},)"s + good.substr(1))},
      {"metadata of objects", header(R"({"__metadata__":{"a":{}},)"s + good.substr(1))},
      {"metadata twice", header(R"({"__metadata__":{},"__metadata__":{},)"s + good.substr(1))},
      {"a metadata key twice", header(R"({"__metadata__":{"a":"","a":""},)"s + good.substr(1))},
  };
  return cases;
}

std::vector<HostileCase> hostile_indexes() {
  const auto names = [](const std::string& shard) {
    return R"({"metadata":{"total_size":1},"weight_map":{"t":")"s + shard + R"("}})";
  };
  std::vector<HostileCase> cases = {
      {"an index of a shard that is missing", names("missing.safetensors")},
      {"an index that names itself", names("model.safetensors.index.json")},
      {"an index out of its folder", names("../../etc/x.safetensors")},
      {"an index to an absolute path", names("/etc/x.safetensors")},
      {"an index with a backslash", names("..\\\\x.safetensors")},
      {"an index with a drive", names("c:x.safetensors")},
      {"an index of a hidden file", names(".safetensors")},
      {"an index with a newline", names("a\\n.safetensors")},
      {"an index with a zero", names("a\\u0000.safetensors")},
      {"an index of an empty name", names("")},
      {"an index of ..", names("..")},
      {"an index of something else", names("passwd")},
      {"an index without a map", R"({"metadata":{}})"},
      {"an index with an empty map", R"({"weight_map":{}})"},
      {"an index whose map is a list", R"({"weight_map":["a.safetensors"]})"},
      {"an index whose map is text", R"({"weight_map":"a.safetensors"})"},
      {"an index whose map is deep", R"({"weight_map":{"a":{"b":"c"}}})"},
      {"an index of numbers", R"({"weight_map":{"a":1}})"},
      {"an index with two maps", R"({"weight_map":{"a":"a.safetensors"},"weight_map":{}})"},
      {"an index with a tensor twice",
       R"({"weight_map":{"a":"a.safetensors","a":"b.safetensors"}})"},
      {"an index 100,000 deep", R"({"metadata":)"s + std::string(100000, '[')},
      {"an index cut short", R"({"weight_map":{"a":"a.safe)"},
      {"an index of a list", R"({)"},
  };
  std::string shards = R"({"weight_map":{)";
  for (int i = 0; i < 100000; ++i) {
    const std::string number = std::to_string(i);
    shards += (i == 0 ? "\"" : ",\"") + number + R"(":")"s + number + R"(.safetensors")";
  }
  cases.push_back({"an index of 100,000 shards", shards + "}}"});
  return cases;
}

std::vector<HostileCase> hostile_cases() {
  std::vector<HostileCase> all;
  const std::pair<std::string, std::vector<HostileCase> (*)()> groups[] = {
      {"any", hostile_common}, {"safetensors", hostile_safetensors}, {"index", hostile_indexes},
      {"zip", hostile_zips},   {"pickle", hostile_pickles},          {"legacy", hostile_legacy},
  };
  for (const auto& [group, make] : groups) {
    for (HostileCase& hostile : make()) {
      hostile.name = group + ": " + hostile.name;
      all.push_back(std::move(hostile));
    }
  }
  return all;
}

std::vector<HostileCase> seeds() {
  const std::string state = pickle::dict({{"t", pickle::tensor({})}});
  return {
      {"safetensors",
       safetensors_file(R"({"__metadata__":{"a":"b"},)"
                        R"("t":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                        R"("u":{"dtype":"F16","shape":[2],"data_offsets":[16,20]}})",
                        four_floats() + "1234"),
       true},
      {"zip", zip_checkpoint(state), true},
      {"zip64", zip_archive(checkpoint_files(state), {.zip64 = true}).bytes, true},
      {"legacy", legacy_checkpoint(state, {{"0", 4, four_floats()}}), true},
  };
}

}  // namespace easel::test
