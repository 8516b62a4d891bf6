#include "core/atomic_file.h"

#include "core/output_file.h"

namespace easel {

void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes,
                           IfExists if_exists) {
  OutputFile file({.path = path, .if_exists = if_exists});
  file.write(bytes);
  file.publish();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text,
                           IfExists if_exists) {
  write_file_atomically(path, std::as_bytes(std::span(text)), if_exists);
}

}  // namespace easel
