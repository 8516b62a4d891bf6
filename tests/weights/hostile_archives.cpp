#include "builders.h"
#include "hostile_cases.h"

namespace easel::test {

using namespace std::string_literals;
namespace {

std::string state() { return pickle::dict({{"t", pickle::tensor({})}}); }

// The sound archive with one number overwritten.
struct Patch {
  std::size_t offset;
  std::uint64_t value;
  int bytes;
};
std::string patched(std::string bytes, const std::vector<Patch>& patches) {
  for (const Patch& patch : patches) put(bytes, patch.offset, patch.value, patch.bytes);
  return bytes;
}

std::string replaced_name(const ZipImage& image, std::size_t entry, std::string_view name) {
  std::string bytes = image.bytes;
  bytes.replace(image.central[entry] + 46, name.size(), name);
  bytes.replace(image.local[entry] + 30, name.size(), name);
  return bytes;
}

}  // namespace

std::vector<HostileCase> hostile_zips() {
  const std::vector<ZipFile> files = checkpoint_files(state());
  const ZipImage zip = zip_archive(files);
  const ZipImage plain = zip_archive(files, {.descriptors = false});
  const ZipImage zip64 = zip_archive(files, {.zip64 = true});
  const ZipImage plain64 = zip_archive(files, {.descriptors = false, .zip64 = true});
  const std::size_t c0 = zip.central[0];
  const std::size_t c1 = zip.central[1];
  const auto break_zip = [&](std::vector<Patch> patches) { return patched(zip.bytes, patches); };
  const auto break_plain = [&](std::vector<Patch> patches) {
    return patched(plain.bytes, patches);
  };
  const auto break_zip64 = [&](std::vector<Patch> patches) {
    return patched(zip64.bytes, patches);
  };
  const auto with = [&](std::vector<ZipFile> more) {
    std::vector<ZipFile> all = files;
    all.insert(all.end(), more.begin(), more.end());
    return zip_archive(all).bytes;
  };
  const std::string no_end64 = [&] {
    std::string bytes = zip.bytes;
    return bytes.erase(zip.end64, zip.end - zip.end64);
  }();

  const auto break_small = [&](std::vector<Patch> patches) {  // offsets from the end record
    for (Patch& patch : patches) patch.offset += no_end64.size() - 22;
    return patched(no_end64, patches);
  };

  std::vector<HostileCase> cases = {
      {"descriptors", zip.bytes, true},
      {"sizes in the local header", plain.bytes, true},
      {"ZIP64 with descriptors", zip64.bytes, true},
      {"ZIP64 without", plain64.bytes, true},
      {"no ZIP64 end", no_end64, true},
      {"a comment", zip_archive(files, {.comment = "hello"}).bytes, true},
      {"little-endian", with({{"m/byteorder", "little"}}), true},
      {"big-endian", with({{"m/byteorder", "big"}})},
      {"byte order with more to it", with({{"m/byteorder", "little"s + std::string(20, ' ')}})},
      {"a TorchScript program", with({{"m/constants.pkl", "x"}})},
      {"an empty archive", "PK\5\6"s + std::string(18, '\0')},
      {"something before", "#!/bin/sh\n"s + zip.bytes},
      {"something before, offsets right",
       [&] {
         std::string bytes = "PK\3\4"s + no_end64;
         for (std::size_t i = 0; i < zip.central.size(); ++i) {
           put(bytes, zip.central[i] + 4 + 42, zip.local[i] + 4, 4);
         }
         put(bytes, bytes.size() - 6, zip.central[0] + 4, 4);
         return bytes;
       }()},
      {"something after", zip.bytes + "x", true},
      {"another end after", zip.bytes + zip.bytes.substr(zip.end)},
      {"an end in the comment of the end",
       zip_archive(files, {.comment = zip.bytes.substr(zip.end)}).bytes},
      {"a comment longer than the file", break_zip({{zip.end + 20, 100, 2}})},
      {"no end", zip.bytes.substr(0, zip.end)},
      {"only an end", zip.bytes.substr(zip.end)},
      {"another disk", break_zip({{zip.end + 4, 1, 2}})},
      {"another disk of the directory", break_zip({{zip.end + 6, 1, 2}})},
      {"counts that differ", break_zip({{zip.end + 8, 2, 2}})},
      {"too few entries", break_zip({{zip.end + 8, 2, 2}, {zip.end + 10, 2, 2}})},
      {"too many entries", break_zip({{zip.end + 8, 4, 2}, {zip.end + 10, 4, 2}})},
      {"0xffff entries without ZIP64", patched(no_end64, {{no_end64.size() - 14, 0xffffffff, 4}})},
      {"a directory size of 2^32 - 1 without ZIP64",
       patched(no_end64, {{no_end64.size() - 10, 0xffffffff, 4}})},
      {"a directory elsewhere", break_zip({{zip.end + 16, 0, 4}})},
      {"a directory that is too long", break_zip({{zip.end + 12, 0x7fffffff, 4}})},
      {"a directory that is too short", break_zip({{zip.end + 12, 46, 4}})},
      {"too few entries, one end", break_small({{8, 2, 2}, {10, 2, 2}})},
      {"too many entries, one end", break_small({{8, 4, 2}, {10, 4, 2}})},
      {"a directory elsewhere, one end", break_small({{16, 0, 4}})},
      {"a directory that is too long, one end", break_small({{12, 0x7fffffff, 4}})},
      {"a directory that is too short, one end", break_small({{12, 46, 4}})},
      {"two ends that disagree", break_zip({{zip.end64 + 32, 2, 8}, {zip.end64 + 24, 2, 8}})},
      {"ZIP64 entries 2^62", break_zip64({{zip64.end64 + 32, std::uint64_t{1} << 62, 8},
                                          {zip64.end64 + 24, std::uint64_t{1} << 62, 8}})},
      {"ZIP64 entries 2^64 - 1", break_zip64({{zip64.end64 + 32, ~std::uint64_t{0}, 8},
                                              {zip64.end64 + 24, ~std::uint64_t{0}, 8}})},
      {"ZIP64 directory 2^63 - 1 bytes long",
       break_zip64({{zip64.end64 + 40, ~std::uint64_t{0} >> 1, 8}})},
      {"ZIP64 directory at 2^63 - 1", break_zip64({{zip64.end64 + 48, ~std::uint64_t{0} >> 1, 8}})},
      {"ZIP64 directory at 2^63", break_zip64({{zip64.end64 + 48, std::uint64_t{1} << 63, 8}})},
      {"ZIP64 end of another size", break_zip64({{zip64.end64 + 4, 45, 8}})},
      {"ZIP64 end elsewhere", break_zip64({{zip64.locator + 8, 0, 8}})},
      {"ZIP64 end at 2^64 - 1", break_zip64({{zip64.locator + 8, ~std::uint64_t{0}, 8}})},
      {"ZIP64 on two disks", break_zip64({{zip64.locator + 16, 2, 4}})},
      {"ZIP64 end without its signature", break_zip64({{zip64.end64, 0, 4}})},
      {"a ZIP64 field that is missing", break_zip64({{zip64.central[0] + 46 + 10, 2, 2}})},
      {"a ZIP64 field that is too short", break_zip64({{zip64.central[0] + 46 + 12, 16, 2}})},
      {"a ZIP64 size of 2^63", break_zip64({{zip64.central[0] + 60, std::uint64_t{1} << 63, 8}})},
      {"a ZIP64 size of 2^63 - 1",
       break_zip64({{zip64.central[0] + 60, ~std::uint64_t{0} >> 1, 8},
                    {zip64.central[0] + 68, ~std::uint64_t{0} >> 1, 8}})},
      {"a ZIP64 offset of 2^63 - 1",
       break_zip64({{zip64.central[0] + 76, ~std::uint64_t{0} >> 1, 8}})},
      {"deflated", break_zip({{c0 + 10, 8, 2}, {8, 8, 2}})},
      {"method 99", break_zip({{c1 + 10, 99, 2}})},
      {"deflated in the local header only", break_zip({{8, 8, 2}})},
      {"encrypted", break_zip({{c0 + 8, 0x809, 2}, {6, 0x809, 2}})},
      {"encrypted in the local header only", break_zip({{6, 0x809, 2}})},
      {"strongly encrypted", break_zip({{c0 + 8, 0x848, 2}, {6, 0x848, 2}})},
      {"masked headers", break_zip({{c0 + 8, 0x2808, 2}, {6, 0x2808, 2}})},
      {"an entry on another disk", break_zip({{c0 + 34, 1, 2}})},
      {"stored and real sizes that differ", break_zip({{c0 + 20, 10, 4}})},
      {"an entry longer than the file",
       break_zip({{c1 + 20, 0x7fffffff, 4}, {c1 + 24, 0x7fffffff, 4}})},
      {"an entry that is one byte short", break_zip({{c1 + 20, 15, 4}, {c1 + 24, 15, 4}})},
      {"an entry at another's place", break_zip({{c1 + 42, 0, 4}})},
      {"an entry in another's bytes", break_zip({{c1 + 42, zip.data[0], 4}})},
      {"an entry at the directory", break_zip({{zip.central[2] + 42, c0, 4}})},
      {"an entry beyond the file", break_zip({{c1 + 42, 0x7fffffff, 4}})},
      {"a wrong checksum", break_zip({{c0 + 16, 1, 4}, {zip.descriptor[0] + 4, 1, 4}})},
      {"a descriptor with another checksum", break_zip({{zip.descriptor[1] + 4, 1, 4}})},
      {"a descriptor with another size", break_zip({{zip.descriptor[1] + 8, 1, 4}})},
      {"a descriptor without its signature", break_zip({{zip.descriptor[1], 0, 4}})},
      {"another checksum in the local header", break_plain({{14, 1, 4}})},
      {"another size in the local header", break_plain({{22, 1, 4}})},
      {"another stored size in the local header", break_plain({{18, 1, 4}})},
      {"another checksum before a descriptor", break_zip({{14, 1, 4}})},
      {"another name in the local header", break_zip({{30, 'n', 1}})},
      {"a longer name in the local header", break_zip({{26, 11, 2}})},
      {"a local extra field beyond the file", break_zip({{zip.local[2] + 28, 0xffff, 2}})},
      {"a malformed local extra field", break_zip({{zip.data[1] - 7, 0xffff, 2}})},
      {"a local header without its signature", break_zip({{zip.local[1], 0, 4}})},
      {"a directory entry without its signature", break_zip({{c1, 0, 4}})},
      {"a name longer than the directory", break_zip({{c1 + 28, 0xffff, 2}})},
      {"a comment longer than the directory", break_zip({{c1 + 32, 0xffff, 2}})},
      {"a backslash in a name", replaced_name(zip, 1, "m\\data/0")},
      {"a name above the folder", replaced_name(zip, 1, "../ata/0")},
      {"an absolute name", replaced_name(zip, 1, "/mdata/0")},
      {"a zero in a name", replaced_name(zip, 1, std::string_view("m/dat\0/0", 8))},
      {"a newline in a name", replaced_name(zip, 1, "m/dat\n/0")},
      {"invalid UTF-8 in a name", replaced_name(zip, 1, "m/dat\xff/0")},
      {"another top folder", replaced_name(zip, 1, "n/data/0")},
      {"an entry in no folder", with({{"readme", ""}})},
      {"a name twice", with({{"m/version", "3\n"}})},
      {"a storage twice", with({{"m/data/0", four_floats()}})},
      {"two pickles", with({{"m/data.pkl", state()}})},
      {"no pickle", zip_archive({{"m/data/0", four_floats()}}).bytes},
      {"no storage", zip_archive({{"m/data.pkl", state()}}).bytes},
      {"a storage that is too short",
       zip_archive({{"m/data.pkl", state()}, {"m/data/0", "123"}}).bytes},
      {"a storage that is too long",
       zip_archive({{"m/data.pkl", state()}, {"m/data/0", std::string(20, 'x')}}).bytes},
      {"an empty pickle", zip_checkpoint("")},
      {"numpy's archive", zip_archive({{"arr_0.npy", "x"}}).bytes},
  };
  return cases;
}

std::vector<HostileCase> hostile_legacy() {
  const std::vector<LegacyStorage> one = {{"0", 4, four_floats()}};
  const std::string head = legacy_head();
  const auto file = [&](const std::string& body) { return head + body; };
  const std::string keys = "\x80\x02]("s + pickle::text("0") + "e.";
  std::string wrong_magic = legacy_checkpoint(state(), one);
  wrong_magic[5] ^= 1;
  std::string wrong_protocol = legacy_checkpoint(state(), one);
  put(wrong_protocol, wrong_protocol.find("\x80\x02M") + 3, 1002, 2);
  const auto view = [&](const std::string& metadata) {
    return legacy_checkpoint(
        pickle::dict({{"t", pickle::tensor({.storage = "("s + pickle::text("storage") +
                                                       pickle::global("torch", "FloatStorage") +
                                                       pickle::text("0") + pickle::text("cpu") +
                                                       pickle::integer(4) + metadata + "tQ",
                                            .sizes = {2},
                                            .strides = {1}})}}),
        one);
  };
  const auto view_of = [&](std::int64_t offset, std::int64_t elements) {
    return "("s + pickle::text("v") + pickle::integer(offset) + pickle::integer(elements) + "t";
  };
  std::vector<HostileCase> cases = {
      {"a legacy file", legacy_checkpoint(state(), one), true},
      {"a storage without a view", view("N"), true},
      {"a view of a storage", view(view_of(2, 2)), true},
      {"a view beyond its storage", view(view_of(3, 2))},
      {"a negative view", view(view_of(-1, 2))},
      {"a view of negative size", view(view_of(0, -1))},
      {"a view at 2^62", view(view_of(std::int64_t{1} << 62, 2))},
      {"a view that is shorter than its tensor", view(view_of(0, 1))},
      {"a view of two fields", view("("s + pickle::text("v") + pickle::integer(1) + "t")},
      {"a view of text", view(pickle::text("v"))},
      {"another magic number", wrong_magic},
      {"another protocol number", wrong_protocol},
      {"a plain pickle", state()},
      {"a pickle that evaluates",
       "\x80\x04\x8c\x08"
       "builtins\x8c\x04"
       "eval\x93\x8c\x03"
       "1+1\x85R."},
      {"protocol 0", "(dp0\n."},
      {"only a magic number", head.substr(0, 15)},
      {"two of five pickles", head.substr(0, 21)},
      {"three of five pickles", head},
      {"four of five pickles", file(state())},
      {"five pickles, no storages", file(state() + keys)},
      {"a storage's length cut short", file(state() + keys + "\4\0\0"s)},
      {"a storage cut short", file(state() + keys + little_endian(4, 8) + "1234")},
      {"a storage of another length", legacy_checkpoint(state(), {{"0", 3, four_floats()}})},
      {"a storage of negative length", legacy_checkpoint(state(), {{"0", -1, four_floats()}})},
      {"bytes after the last storage", legacy_checkpoint(state(), one) + "x", true},
      {"another key", legacy_checkpoint(state(), {{"1", 4, four_floats()}})},
      {"no keys", legacy_checkpoint(state(), {})},
      {"a key twice", legacy_checkpoint(state(), {one[0], one[0]})},
      {"keys that are numbers",
       file(state() + "\x80\x02]K\1a."s + little_endian(4, 8) + four_floats())},
      {"keys that are a dict", file(state() + "\x80\x02}."s + little_endian(4, 8) + four_floats())},
      {"a system that is a list", head.substr(0, 21) + "\x80\x02]."s + state() + keys},
      {"a big-endian system", head.substr(0, 21) + pickle::dict({{"little_endian", "\x89"}}) +
                                  state() + keys + little_endian(4, 8) + four_floats()},
      {"a storage of unknown type",
       legacy_checkpoint(
           pickle::dict(
               {{"t", pickle::tensor({.storage = pickle::storage({.type = "OddStorage"})})}}),
           one)},
      {"a storage of 2^61 elements",
       legacy_checkpoint(
           pickle::dict({{"t", pickle::tensor({.storage = pickle::storage(
                                                   {.elements = (std::int64_t{1} << 61) - 1})})}}),
           {{"0", (std::int64_t{1} << 61) - 1, four_floats()}})},
  };
  return cases;
}

}  // namespace easel::test
