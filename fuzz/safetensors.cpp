#include "open_and_read.h"
#include "weights/formats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  easel::fuzz::open_and_read(reinterpret_cast<const std::byte*>(data), size,
                             easel::read_safetensors);
  return 0;
}
