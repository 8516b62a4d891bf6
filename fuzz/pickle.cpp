#include <string>

#include "builders.h"
#include "open_and_read.h"
#include "weights/formats.h"

// A pickle inside an archive whose checksum is right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string archive =
      easel::test::zip_checkpoint(std::string(reinterpret_cast<const char*>(data), size));
  easel::fuzz::open_and_read(reinterpret_cast<const std::byte*>(archive.data()), archive.size(),
                             easel::read_torch_zip);
  return 0;
}
