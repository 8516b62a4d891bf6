#include "builders.h"
#include "hostile_cases.h"

namespace easel::test {

using namespace std::string_literals;
namespace {

using pickle::dict;
using pickle::global;
using pickle::integer;
using pickle::storage;
using pickle::tensor;
using pickle::text;

struct Instruction {
  std::string name;
  std::string code;  // with a sound argument
};

std::vector<Instruction> with_arguments() {
  return {
      {"BININT", integer(1)},
      {"BININT1", "K\1"},
      {"BININT2", std::string("M\1\0", 3)},
      {"LONG1", "\x8a\1\1"},
      {"LONG4", "\x8b"s + little_endian(1, 4) + "\1"},
      {"BINFLOAT", "G"s + std::string(8, '\0')},
      {"BINUNICODE", text("abc")},
      {"SHORT_BINUNICODE",
       "\x8c\3"
       "abc"},
      {"BINUNICODE8", "\x8d"s + little_endian(3, 8) + "abc"},
      {"BINSTRING", "T"s + little_endian(3, 4) + "abc"},
      {"SHORT_BINSTRING",
       "U\3"
       "abc"},
      {"BINBYTES", "B"s + little_endian(3, 4) + "abc"},
      {"SHORT_BINBYTES",
       "C\3"
       "abc"},
      {"BINBYTES8", "\x8e"s + little_endian(3, 8) + "abc"},
      {"BYTEARRAY8", "\x96"s + little_endian(3, 8) + "abc"},
      {"GLOBAL", global("torch", "x")},
      {"FRAME", "\x95"s + little_endian(100, 8)},
      {"BINGET", std::string("h\0", 2)},
      {"LONG_BINGET", "j"s + little_endian(0, 4)},
  };
}

// Each needs more on the stack than there is.
std::vector<Instruction> needing_a_stack() {
  return {{"POP", "0"},
          {"POP_MARK", "1"},
          {"DUP", "2"},
          {"APPEND", "a"},
          {"APPENDS", "e"},
          {"SETITEM", "s"},
          {"SETITEMS", "u"},
          {"ADDITEMS", "\x90"},
          {"TUPLE", "t"},
          {"TUPLE1", "\x85"},
          {"TUPLE2", "\x86"},
          {"TUPLE3", "\x87"},
          {"LIST", "l"},
          {"DICT", "d"},
          {"FROZENSET", "\x91"},
          {"STACK_GLOBAL", "\x93"},
          {"REDUCE", "R"},
          {"BUILD", "b"},
          {"NEWOBJ", "\x81"},
          {"NEWOBJ_EX", "\x92"},
          {"BINPERSID", "Q"},
          {"BINPUT", std::string("q\0", 2)},
          {"LONG_BINPUT", "r"s + little_endian(0, 4)},
          {"MEMOIZE", "\x94"},
          {"STOP", ""}};
}

std::vector<Instruction> refused() {
  return {{"INST", "(ios\nsystem\n"},
          {"OBJ", "("s + global("os", "system") + "o"},
          {"PERSID", "Pstorage\n"},
          {"EXT1", "\x82\1"},
          {"EXT2", std::string("\x83\1\0", 3)},
          {"EXT4", "\x84"s + little_endian(1, 4)},
          {"INT", "I1\n"},
          {"LONG", "L1L\n"},
          {"FLOAT", "F1\n"},
          {"STRING", "S'a'\n"},
          {"UNICODE", "Va\n"},
          {"GET", "g0\n"},
          {"NEXT_BUFFER", "\x97"},
          {"READONLY_BUFFER", "\x98"},
          {"a second PROTO", "\x80\x02"},
          {"an unknown instruction", "\xff"}};
}

// d0 = {}, d1 = {"a": d0, "b": d0}, …: 2^levels ways through.
std::string doubling_bomb(int levels) {
  std::string out = std::string("\x80\x02}q\0", 5);
  for (int i = 0; i < levels; ++i) {
    const std::string get = "h"s + little_endian(static_cast<std::uint64_t>(i), 1);
    out += "0}"s + text("a") + get + "s"s + text("b") + get + "sq"s +
           little_endian(static_cast<std::uint64_t>(i + 1), 1);
  }
  return out + ".";
}

void add_instructions(std::vector<HostileCase>& cases) {
  const auto add = [&](const std::string& name, const std::string& body) {
    cases.push_back({name, zip_checkpoint("\x80\x04"s + body)});
  };
  for (const auto& [name, code] : with_arguments()) {
    for (std::size_t length = 1; length < code.size(); ++length) {
      add(name + " cut to "s + std::to_string(length), code.substr(0, length));
    }
  }
  for (const auto& [name, code] : needing_a_stack()) {
    add(name + " on an empty stack", code + ".");
    if (name != "POP_MARK" && name != "STOP" && name != "DUP" && name != "POP") {
      add(name + " with a mark below it", "K\1("s + code + ".");
    }
  }
  for (const auto& [name, code] : refused()) add(name, "}"s + code + ".");
}

void add_tensors(std::vector<HostileCase>& cases) {
  const auto add = [&](const std::string& name, const std::string& value, bool sound = false) {
    cases.push_back({name, zip_checkpoint(dict({{"t", value}})), sound});
  };
  const std::int64_t huge = std::int64_t{1} << 62;
  add("a transposed view", tensor({.strides = {1, 2}}), true);
  add("a view with a step", tensor({.sizes = {2}, .strides = {3}}), true);
  add("an overlapping view", tensor({.sizes = {3, 2}, .strides = {1, 1}}), true);
  add("an expanded scalar", tensor({.sizes = {1000}, .strides = {0}}), true);
  add("an empty tensor of odd strides", tensor({.sizes = {0, 3}, .strides = {77, 88}}), true);
  add("a scalar", tensor({.offset = 3, .sizes = {}, .strides = {}}), true);
  add("2^62 rows of nothing", tensor({.sizes = {huge, 0}, .strides = {1, 1}}), true);
  add("2^124 rows of nothing", tensor({.sizes = {huge, huge, 0}, .strides = {0, 0, 0}}));
  add("nothing of 2^124 columns", tensor({.sizes = {0, huge, huge}, .strides = {0, 0, 0}}), true);
  add("expanded to 2^62", tensor({.sizes = {huge}, .strides = {0}}));
  add("expanded to 100 million", tensor({.sizes = {100000000}, .strides = {0}}));
  add("expanded past 2^64", tensor({.sizes = {huge, huge}, .strides = {0, 0}}));
  add("one row too many", tensor({.sizes = {3, 2}}));
  add("an offset that is too large", tensor({.offset = 1}));
  add("an offset beyond the storage", tensor({.offset = 5, .sizes = {0}, .strides = {1}}));
  add("a negative offset", tensor({.offset = -1}));
  add("an offset of 2^62", tensor({.offset = huge}));
  add("a negative size", tensor({.sizes = {-2, -2}}));
  add("a negative stride", tensor({.offset = 3, .sizes = {4}, .strides = {-1}}));
  add("a stride of 2^62", tensor({.sizes = {3}, .strides = {huge}}));
  add("a size of 2^62", tensor({.sizes = {huge}, .strides = {1}}));
  add("sizes and strides of different ranks", tensor({.sizes = {4}}));
  add("65 dimensions", tensor({.sizes = std::vector<std::int64_t>(65, 1),
                               .strides = std::vector<std::int64_t>(65, 1)}));
  add("9 dimensions", tensor({.sizes = std::vector<std::int64_t>(9, 1),
                              .strides = std::vector<std::int64_t>(9, 1)}));
  add("a storage of -1 elements", tensor({.storage = storage({.elements = -1})}));
  add("a storage of 2^62 elements", tensor({.storage = storage({.elements = huge})}));
  add("a storage of 5 elements", tensor({.storage = storage({.elements = 5})}));
  add("a storage of wider type", tensor({.storage = storage({.type = "DoubleStorage"})}));
  add("a storage that is not there", tensor({.storage = storage({.key = "1"})}));
  add("a storage above its folder", tensor({.storage = storage({.key = "../version"})}));
  add("a storage with an empty name", tensor({.storage = storage({.key = ""})}));
  add("a storage of unknown type alone", tensor({.storage = storage({.type = "OddStorage"})}));
  add("a tensor without a storage", tensor({.storage = "N"}));
  add("a tensor of a tensor", tensor({.storage = tensor({})}));

  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");
  add("a tensor of no arguments", rebuild + ")R");
  add("a tensor of three arguments", rebuild + "("s + storage({}) + integer(0) + ")tR");
  add("a tensor of eight arguments", rebuild + "("s + storage({}) + integer(0) + "))NNNNtR");
  add("a tensor with text for an offset", rebuild + "("s + storage({}) + text("0") + "))NNtR");
  add("a tensor with text for sizes",
      rebuild + "("s + storage({}) + integer(0) + text("a") + ")NNtR");
  add("a tensor with lists for sizes", rebuild + "("s + storage({}) + integer(0) + "]]NNtR");
  add("a tensor with sizes of text",
      rebuild + "("s + storage({}) + integer(0) + text("a") + "\x85"s + text("a") + "\x85NNtR");
  add("a tensor whose offset is of 10 bytes",
      rebuild + "("s + storage({}) + "\x8a\x0a"s + std::string(10, '\1') + "))NNtR");
  const std::string parameter = global("torch._utils", "_rebuild_parameter");
  add("a parameter", parameter + "("s + tensor({}) + "\x88NtR", true);
  add("a parameter of nothing", parameter + ")R");
  add("a parameter of text", parameter + "("s + text("a") + "\x88NtR");
  cases.push_back(
      {"two storages of one key",
       zip_checkpoint(dict(
           {{"t", tensor({})}, {"u", tensor({.storage = storage({.type = "IntStorage"})})}}))});
  cases.push_back({"two lengths of one storage",
                   zip_checkpoint(dict({{"t", tensor({})},
                                        {"u", tensor({.storage = storage({.elements = 3})})}}))});
}

void add_foreign(std::vector<HostileCase>& cases) {
  const std::string run = text("touch /tmp/easel-pwned") + "\x85R";
  for (const auto& [module, name] : std::initializer_list<std::pair<std::string, std::string>>{
           {"os", "system"},
           {"posix", "system"},
           {"nt", "system"},
           {"builtins", "eval"},
           {"builtins", "exec"},
           {"__builtin__", "eval"},
           {"subprocess", "Popen"},
           {"torch.jit", "load"},
           {"torch", "load"},
           {"runpy", "_run_code"},
           {"torch._utils", "_rebuild_tensor_v2.__globals__"},
           {"", ""}}) {
    const std::string call = global(module, name) + run;
    cases.push_back({module + "."s + name + " beside a tensor",
                     zip_checkpoint(dict({{"t", tensor({})}, {"x", call}})), true});
    cases.push_back({module + "."s + name + " alone", zip_checkpoint("\x80\x02"s + call + ".")});
    cases.push_back({module + "."s + name + " makes a storage",
                     zip_checkpoint(dict({{"t", tensor({.storage = call})}}))});
  }
  const auto add = [&](const std::string& name, const std::string& pickle, bool sound = false) {
    cases.push_back({name, zip_checkpoint(pickle), sound});
  };
  add("a name longer than 64 KiB",
      "\x80\x02"
      "c"s +
          std::string(70000, 'm') + "\nx\n.");
  add("a name without an end",
      "\x80\x02"
      "cos\nsystem");
  add("STACK_GLOBAL of numbers", "\x80\x04K\1K\2\x93.");
  add("a call of a number", "\x80\x02K\1)R.");
  add("a call of a dict", "\x80\x02})R.");
  add("a call of a tensor", dict({{"t", tensor({}) + ")R"}}));
  add("a call with a list", "\x80\x02"s + global("os", "system") + "]R.");
  add("an instance of a number", "\x80\x02K\1)\x81.");
  add("state for a number", "\x80\x02K\1}b.");
  add("state for a tuple", "\x80\x02)}b.");
  add("state for a list", "\x80\x02]}b.");
  add("a persistent id of text", "\x80\x02"s + text("storage") + "Q.");
  add("an empty persistent id", "\x80\x02)Q.");
  add("a persistent id of another kind", "\x80\x02("s + text("file") + text("/etc/passwd") + "tQ.");
  add("a storage of two fields", "\x80\x02("s + text("storage") + text("0") + "tQ.");
  add("a storage of seven fields", "\x80\x02("s + text("storage") +
                                       global("torch", "FloatStorage") + text("0") + text("cpu") +
                                       integer(4) + "NNtQ.");
  add("a storage whose type is text", "\x80\x02("s + text("storage") + text("FloatStorage") +
                                          text("0") + text("cpu") + integer(4) + "tQ.");
  add("a storage whose key is a number", "\x80\x02("s + text("storage") +
                                             global("torch", "FloatStorage") + integer(0) +
                                             text("cpu") + integer(4) + "tQ.");
  add("a storage whose length is text", "\x80\x02("s + text("storage") +
                                            global("torch", "FloatStorage") + text("0") +
                                            text("cpu") + text("4") + "tQ.");
  add("an OrderedDict of pairs",
      "\x80\x02"s + global("collections", "OrderedDict") + "]("s + "]("s + text("t") + tensor({}) +
          "ee\x85R.",
      true);
  add("an OrderedDict of triples",
      "\x80\x02"s + global("collections", "OrderedDict") + "](](K\1K\2K\3ee\x85R.");
  add("an OrderedDict of numbers",
      "\x80\x02"s + global("collections", "OrderedDict") + "](K\1K\2e\x85R.");
  add("an OrderedDict of two arguments",
      "\x80\x02"s + global("collections", "OrderedDict") + "]]\x86R.");
  add("a module that contains itself", "\x80\x02"s + global("torch.nn", "Module") +
                                           std::string(")\x81q\0", 4) + "}"s + text("_modules") +
                                           "}"s + text("a") + std::string("h\0", 2) + "ssb.");
  add("a class that is no module",
      "\x80\x02"s + global("evil", "Class") + ")\x81}"s + text("a") + "K\1sb.");
}

void add_structure(std::vector<HostileCase>& cases) {
  const auto add = [&](const std::string& name, const std::string& pickle, bool sound = false) {
    cases.push_back({name, zip_checkpoint(pickle), sound});
  };
  const std::string good = dict({{"t", tensor({})}});
  const auto protocol = [&](char number) {
    std::string changed = good;
    changed[1] = number;
    return changed;
  };
  for (const char number : {'\3', '\4', '\5'}) {
    add("protocol "s + std::to_string(number), protocol(number), true);
  }
  for (const char number : {'\0', '\1', '\6', '\xff'}) {
    add("protocol "s + std::to_string(static_cast<unsigned char>(number)), protocol(number));
  }
  add("no protocol", good.substr(2));
  add("STOP missing", good.substr(0, good.size() - 1));
  add("bytes after STOP", good + "N");
  add("two pickles in one", good + good);
  add("two values at STOP", "\x80\x02}}.");
  add("a mark at STOP", "\x80\x02}(.");
  add("a memo slot that is not set", std::string("\x80\x02h\0.", 5));
  add("memo slot 2^32 - 1 read", "\x80\x02j\xff\xff\xff\xff.");
  add("memo slot 2^32 - 1 written", "\x80\x02}r\xff\xff\xff\xff.");
  add("memo slot 2^20 written", "\x80\x02}r"s + little_endian(1 << 20, 4) + ".");
  add("a doubling bomb of 30 levels", doubling_bomb(30));
  add("a doubling bomb of 60 levels", doubling_bomb(60));
  add("a doubling bomb of 200 levels", doubling_bomb(200));
  add("lists 100,000 deep", "\x80\x02"s + std::string(100000, ']') + std::string(99999, 'a') + ".");
  add("tuples 100,000 deep", "\x80\x02)"s + std::string(100000, '\x85') + ".");
  add("marks 100,000 deep", "\x80\x02"s + std::string(100000, '('));
  add("2 million values on the stack", "\x80\x02"s + std::string(2000000, ')') + ".");
  add(
      "5 million values", "\x80\x02"s + [] {
        std::string out;
        for (int i = 0; i < 5000000; ++i) out += "]0";
        return out;
      }() + "}.");
  add("a list that contains itself", "\x80\x02]q\0h\0a."s);
  add("a dict that contains itself",
      std::string("\x80\x02}q\0", 5) + text("a") + std::string("h\0s.", 4));
  add("a tuple that contains itself",
      "\x80\x02]q\0h\0\x85"
      "a0h\0."s);
  add("SETITEMS of three", "\x80\x02}(K\1K\2K\3u.");
  add("DICT of three", "\x80\x02(K\1K\2K\3d.");
  add("SETITEM on a list", "\x80\x02]K\1K\2s.");
  add("SETITEM on a number", "\x80\x02K\1K\1K\2s.");
  add("SETITEMS on a tensor", dict({{"t", tensor({}) + "(K\1K\2u"}}));
  add("APPEND to a dict", "\x80\x02}K\1a.");
  add("APPENDS to a tuple", "\x80\x02)(K\1e.");
  add("ADDITEMS to a list", "\x80\x04](K\1\x90.");
  add("a frame longer than the file", "\x80\x04\x95"s + little_endian(1000, 8) + "}.");
  add("a frame of 2^64 - 1 bytes", "\x80\x04\x95"s + little_endian(~std::uint64_t{0}, 8) + "}.");
  add("a frame that ends inside an instruction",
      "\x80\x04\x95"s + little_endian(3, 8) + text("abc") + ".");
  add("a frame that ends after STOP", "\x80\x04\x95"s + little_endian(4, 8) + "}.NN");
  add("a frame inside a frame",
      "\x80\x04\x95"s + little_endian(11, 8) + "\x95"s + little_endian(2, 8) + "}.");
  add("LONG1 of 255 bytes", "\x80\x02\x8a\xff"s + std::string(255, '\1') + ".");
  add("LONG1 of 17 bytes", "\x80\x02\x8a\x11"s + std::string(17, '\1') + ".");
  add("LONG4 of 2^31 bytes", "\x80\x02\x8b"s + little_endian(0x80000000u, 4) + ".");
  add("BINUNICODE of 2^31 bytes", "\x80\x02X"s + little_endian(0x80000000u, 4) + "abc.");
  add("BINUNICODE of 2^32 - 4 bytes", "\x80\x02X"s + little_endian(0xfffffffcu, 4) + "abc.");
  add("BINUNICODE8 of 2^64 - 1 bytes",
      "\x80\x04\x8d"s + little_endian(~std::uint64_t{0}, 8) + "abc.");
  add("BINBYTES8 of 2^63 bytes",
      "\x80\x04\x8e"s + little_endian(std::uint64_t{1} << 63, 8) + "abc.");
  add("text of 65,537 bytes", "\x80\x02"s + text(std::string(65537, 'a')) + ".");
  add("a list for a state", "\x80\x02].");
  add("a number for a state", "\x80\x02K\1.");
  add("text for a state", "\x80\x02"s + text("a") + ".");
  add("an empty dict", "\x80\x02}.");
  add("a dict of numbers", dict({{"a", "K\1"}, {"b", "N"}}));
  add("a name with a newline", dict({{"a\nb", tensor({})}}));
  add("a name with a zero", dict({{std::string("a\0b", 3), tensor({})}}));
  add("a name that is no UTF-8", dict({{"\xff", tensor({})}}));
  add("one name in two ways",
      dict({{"a", std::string("}") + text("b") + tensor({}) + "s"}, {"a.b", tensor({})}}));
  add("a key twice, the last a tensor", dict({{"t", "N"}, {"t", tensor({})}}), true);
}

}  // namespace

std::vector<HostileCase> hostile_pickles() {
  std::vector<HostileCase> cases;
  add_instructions(cases);
  add_tensors(cases);
  add_foreign(cases);
  add_structure(cases);
  return cases;
}

}  // namespace easel::test
