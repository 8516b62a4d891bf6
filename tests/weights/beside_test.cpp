// What lies beside a checkpoint's weights, the parts in which trainers keep them, and archives that
// were packed again.

#include <gmock/gmock.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "builders.h"
#include "support.h"
#include "weights/formats/describe.h"
#include "weights/formats/formats.h"
#include "weights/formats/hugging_face_folder.h"
#include "weights/maps/esrgan.h"
#include "weights/weights.h"

namespace easel {
namespace {

using namespace std::string_literals;
using test::little_endian;
using test::pickle::dict;
using test::pickle::global;
using test::pickle::integer;
using test::pickle::tensor;
using test::pickle::text;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Weights open(const std::string& bytes) {
  return read_any_format(File::in_memory("x.pth", test::to_bytes(bytes)), "/nonexistent");
}

std::vector<std::string> names_in(const Weights& weights) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : weights.entries()) names.push_back(name);
  return names;
}

// A dict inside a pickle.
std::string inner(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string out = "}";
  for (const auto& [key, value] : items) out += text(key) + value + "s";
  return out;
}

std::string state_dict() { return inner({{"a.weight", tensor({})}}); }

// A numpy array as torch.save writes it at protocol 2: its bytes are one Latin-1 text.
std::string numpy_array(std::size_t bytes) {
  return global("numpy.core.multiarray", "_reconstruct") + global("numpy", "ndarray") + "K\0\x85"s +
         global("_codecs", "encode") + text("b") + text("latin1") + "\x86R\x87R(K\1K\5\x85" +
         global("numpy", "dtype") + text("f8") + "\x89\x88\x87R\x89" + global("_codecs", "encode") +
         text(std::string(bytes, 'x')) + text("latin1") + "\x86Rtb";
}

TEST(BesideTheWeights, anythingIsPassedOver) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"a numpy array", numpy_array(106612)},
      {"a long text", text(std::string(70000, 'a'))},
      {"a text of 8 bytes' length", "\x8d"s + little_endian(70000, 8) + std::string(70000, 'a')},
      {"bytes", "B"s + little_endian(70000, 4) + std::string(70000, '\xff')},
      {"bytes of 8 bytes' length", "\x8e"s + little_endian(70000, 8) + std::string(70000, '\xff')},
      {"a bytearray", "\x96"s + little_endian(70000, 8) + std::string(70000, '\xff')},
      {"PCG64's state of 17 bytes", "\x8a\x11"s + std::string(17, '\1')},
      {"an integer of 1,000 bytes", "\x8b"s + little_endian(1000, 4) + std::string(1000, '\1')},
      {"a dict with a long key", "}"s + text(std::string(70000, 'k')) + "K\1s"},
  };
  for (const auto& [name, code] : kinds) {
    SCOPED_TRACE(name);
    for (const bool first : {true, false}) {
      std::vector<std::pair<std::string, std::string>> items = {{"state_dict", state_dict()}};
      items.insert(first ? items.begin() : items.end(), {"beside", code});
      std::string pickle = dict(items);
      pickle[1] = '\4';
      const Weights weights = open(test::zip_checkpoint(pickle));
      EXPECT_THAT(names_in(weights), ElementsAre("a.weight"));
      EXPECT_EQ(test::values_of(weights, "a.weight"), (std::vector<float>{1, 2, 3, 4}));
    }
  }
}

TEST(BesideTheWeights, moreNumbersThanAreKeptArePassedOver) {
  std::string list = "](";
  for (int i = 0; i < 6'000'000; ++i) {
    list += "J" + little_endian(static_cast<std::uint64_t>(1000 + i), 4);
    if (i % 1000 == 999) list += "e(G" + std::string(8, '\1');
  }
  list += "e";
  const Weights weights =
      open(test::zip_checkpoint(dict({{"order", list}, {"state_dict", state_dict()}})));
  EXPECT_THAT(names_in(weights), ElementsAre("a.weight"));
}

std::int64_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  return 0;
}

// A sparse file: only what is read takes time or memory.
TEST(BesideTheWeights, twoGigabytesAreNotHeldInMemory) {
  const std::int64_t size = std::int64_t{2} << 30;
  const std::string before = test::legacy_head() + "\x80\x04}" + text("data") + "\x8e" +
                             little_endian(static_cast<std::uint64_t>(size), 8);
  const std::string after = "s" + text("state_dict") + state_dict() + "s.\x80\x02](" + text("0") +
                            "e." + little_endian(4, 8) + test::four_floats();
  const test::TemporaryFolder folder;
  const auto path = folder.write("x.pth", test::to_bytes(before));
  std::filesystem::resize_file(path, before.size() + static_cast<std::uintmax_t>(size));
  std::ofstream(path, std::ios::binary | std::ios::app) << after;

  const std::int64_t peak = peak_kib();
  EXPECT_THAT(names_in(open_weights(path)), ElementsAre("a.weight"));
  EXPECT_LT(peak_kib() - peak, 64 * 1024);
}

TEST(TensorsInDisguise, areTensors) {
  const std::string with_state = global("torch._utils", "_rebuild_parameter_with_state") + "(" +
                                 tensor({}) + "\x88" + global("collections", "OrderedDict") +
                                 ")R}" + text("fan_in") + "K\4stR";
  const std::string rebuild = tensor({});
  const std::string arguments =
      rebuild.substr(rebuild.find('('), rebuild.rfind('R') - rebuild.find('('));
  const std::string subclass = global("torch._tensor", "_rebuild_from_type_v2") + "(" +
                               global("torch._utils", "_rebuild_tensor_v2") +
                               global("my.tensors", "Subclass") + arguments + "}tR";
  for (const std::string& code : {with_state, subclass}) {
    const Weights weights = open(test::zip_checkpoint(dict({{"a.weight", code}})));
    EXPECT_EQ(test::values_of(weights, "a.weight"), (std::vector<float>{1, 2, 3, 4}));
  }
}

TEST(TensorsInDisguise, byAFunctionThatIsNotKnownStayOpaque) {
  const std::string hidden = global("torch._tensor", "_rebuild_from_type_v2") + "(" +
                             global("os", "system") + global("torch", "Tensor") + text("true") +
                             "\x85}tR";
  const Weights weights =
      open(test::zip_checkpoint(dict({{"a.weight", tensor({})}, {"b.weight", hidden}})));
  EXPECT_THAT(names_in(weights), ElementsAre("a.weight"));
  EXPECT_THAT(summarize_safety(weights).suspicious, ElementsAre("os.system"));
}

TEST(TensorsOfOtherKinds, areRefusedByTheirNames) {
  for (const auto& [maker, kind] : {std::pair{"_rebuild_qtensor", "quantized"},
                                    {"_rebuild_sparse_tensor", "sparse"},
                                    {"_rebuild_sparse_csr_tensor", "sparse"}}) {
    const std::string other = global("torch._utils", maker) + ")R";
    try {
      open(test::zip_checkpoint(dict({{"a.weight", tensor({})}, {"b.weight", other}})));
      ADD_FAILURE() << maker << " was read";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("'b.weight'"));
      EXPECT_THAT(error.what(), HasSubstr(kind));
    }
    // Beside the state dict nobody needs it.
    const Weights weights =
        open(test::zip_checkpoint(dict({{"state_dict", state_dict()}, {"mask", other}})));
    EXPECT_THAT(names_in(weights), ElementsAre("a.weight"));
  }
}

// Where trainers keep a network, and what they keep beside it.
TEST(Containers, areEnteredByRuleTheAveragedFirst) {
  const auto other = [] { return inner({{"b.weight", tensor({})}}); };
  const std::vector<std::vector<std::pair<std::string, std::string>>> checkpoints = {
      {{"params-ema", state_dict()}, {"params", other()}},
      {{"generator_ema", state_dict()}, {"generator", other()}, {"discriminator", other()}},
      {{"netG", state_dict()}, {"netD", other()}, {"optG", other()}},
      {{"net", state_dict()}, {"optimizer", other()}},
      {{"g_ema", state_dict()}, {"g", other()}, {"d", other()}},
      {{"model_ema_state_dict", state_dict()}, {"model_state_dict", other()}},
      {{"state_dict", inner({{"netG_state_dict", state_dict()}})}},
      {{"MyNetwork", state_dict()}, {"optimizer", other()}, {"epoch", "K\1"}},
      {{"params_ema", inner({})}, {"params", state_dict()}},
  };
  for (const auto& items : checkpoints) {
    SCOPED_TRACE(items.front().first);
    EXPECT_THAT(names_in(open(test::zip_checkpoint(dict(items)))), ElementsAre("a.weight"));
  }
}

TEST(Containers, ofPartsWithoutKnownNamesAllAreRead) {
  const Weights weights = open(test::zip_checkpoint(
      dict({{"first", state_dict()}, {"second", inner({{"b.weight", tensor({})}})}})));
  EXPECT_THAT(names_in(weights), ElementsAre("first.a.weight", "second.b.weight"));
}

TEST(Containers, ofAnEmbeddingAreItsOwn) {
  const Weights weights =
      open(test::zip_checkpoint(dict({{"string_to_token", inner({{"*", tensor({})}})},
                                      {"string_to_param", inner({{"*", tensor({})}})}})));
  EXPECT_TRUE(weights.contains("string_to_param.*"));
}

Weights esrgan_under(const std::vector<std::string>& prefixes) {
  std::vector<std::pair<std::string, std::string>> items;
  for (const std::string& prefix : prefixes) {
    for (const char* name : {"conv_first.weight", "body.0.rdb1.conv1.weight", "conv_last.weight"}) {
      items.emplace_back(prefix + name, tensor({}));
    }
  }
  return open(test::zip_checkpoint(dict(items)));
}

TEST(Containers, beforeEveryNameOfAnUpscalerAreLookedBehind) {
  for (const std::vector<std::string>& prefixes :
       std::vector<std::vector<std::string>>{{""},
                                             {"module."},
                                             {"params_ema.module."},
                                             {"generator.", "discriminator."},
                                             {"netG_ema.", "netG."},
                                             {"odd_name."}}) {
    SCOPED_TRACE(prefixes.front());
    const Weights weights = esrgan_under(prefixes);
    EXPECT_TRUE(holds_esrgan(weights));
    const Weights named = with_basicsr_names(weights);
    EXPECT_TRUE(named.contains("conv_first.weight"));
    EXPECT_EQ(named.entries().size(), 3u);
  }
}

std::string deflated(std::string_view data) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(data.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// As zip and Python's zipfile pack.
std::string packed_again(const std::vector<test::ZipFile>& files) {
  std::string local, central;
  for (const test::ZipFile& file : files) {
    const bool folder = file.name.ends_with('/');
    const std::string data = folder ? "" : deflated(file.data);
    const std::uint64_t crc = crc32(0, reinterpret_cast<const Bytef*>(file.data.data()),
                                    static_cast<uInt>(file.data.size()));
    const std::string common = little_endian(20, 2) + little_endian(0, 2) +
                               little_endian(folder ? 0 : 8, 2) + little_endian(0, 4) +
                               little_endian(crc, 4) + little_endian(data.size(), 4) +
                               little_endian(file.data.size(), 4) +
                               little_endian(file.name.size(), 2) + little_endian(0, 2);
    central += "PK\1\2" + little_endian(20, 2) + common + std::string(10, '\0') +
               little_endian(local.size(), 4) + file.name;
    local += "PK\3\4" + common + file.name + data;
  }
  const std::size_t at = local.size();
  return local + central + "PK\5\6" + little_endian(0, 4) + little_endian(files.size(), 2) +
         little_endian(files.size(), 2) + little_endian(central.size(), 4) + little_endian(at, 4) +
         little_endian(0, 2);
}

TEST(ArchivesPackedAgain, areUnpackedAndChecked) {
  auto files = test::checkpoint_files(dict({{"a.weight", tensor({})}}));
  files.insert(files.begin(), {"m/", ""});
  files.push_back({"__MACOSX/._data.pkl", "x"});
  std::string bytes = packed_again(files);
  EXPECT_EQ(test::values_of(open(bytes), "a.weight"), (std::vector<float>{1, 2, 3, 4}));
  const test::TemporaryFolder folder;
  verify_checksums(folder.write("x.pth", test::to_bytes(bytes)));

  const std::size_t data = bytes.find("m/data/0") + 8;
  bytes[data + 3] = static_cast<char>(bytes[data + 3] ^ 1);
  EXPECT_THROW(test::values_of(open(bytes), "a.weight"), Error);
}

TEST(ArchivesPackedAgain, thatSwellWithoutMeasureAreRefused) {
  auto files = test::checkpoint_files(dict({{"a.weight", tensor({})}}));
  files.push_back({"m/bomb", std::string(std::size_t{70} << 20, '\0')});
  try {
    open(packed_again(files));
    FAIL() << "it was opened";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("unpack to more than 4 times"));
  }
}

TEST(BytesAfterTheEnd, areNotRead) {
  const std::string zip = test::zip_checkpoint(dict({{"a.weight", tensor({})}}));
  const std::string legacy =
      test::legacy_checkpoint(dict({{"a.weight", tensor({})}}), {{"0", 4, test::four_floats()}});
  for (const std::string& whole : {zip, legacy}) {
    const Weights weights = open(whole + "\n\0\0"s);
    EXPECT_EQ(test::values_of(weights, "a.weight"), (std::vector<float>{1, 2, 3, 4}));
    EXPECT_THAT(weights.notes(), Contains(HasSubstr("3 bytes after")));
  }
}

TEST(ShardedCheckpoints, areReadThroughTheirIndex) {
  const test::TemporaryFolder folder;
  const auto shard = [](const std::string& name) {
    return test::to_bytes(test::zip_checkpoint(dict({{name, tensor({})}})));
  };
  folder.write("pytorch_model-00001-of-00002.bin", shard("a.weight"));
  folder.write("pytorch_model-00002-of-00002.bin", shard("b.weight"));
  folder.write("pytorch_model.bin.index.json",
               test::to_bytes(R"({"metadata":{"total_size":32},"weight_map":{
                 "a.weight":"pytorch_model-00001-of-00002.bin",
                 "b.weight":"pytorch_model-00002-of-00002.bin"}})"));
  const Weights weights = open_model_weights(folder.path(), {});
  EXPECT_THAT(names_in(weights), ElementsAre("a.weight", "b.weight"));
  EXPECT_TRUE(weights.details().has_pickle);
}

}  // namespace
}  // namespace easel
