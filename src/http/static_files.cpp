#include "http/static_files.h"

#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "core/sha256.h"
#include "embedded/embedded.h"
#include "http/one_page.h"
#include "http/problem.h"

namespace easel {
namespace {

constexpr std::size_t kWorthZipping = 512;

struct Type {
  std::string_view ending;
  const char* type;
  bool text;
};
constexpr Type kTypes[] = {
    {".html", "text/html; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".json", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".png", "image/png", false},
    {".webp", "image/webp", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
};

const Type& type_of(std::string_view name) {
  static constexpr Type kOther{"", "application/octet-stream", false};
  for (const Type& type : kTypes) {
    if (name.ends_with(type.ending)) return type;
  }
  return kOther;
}

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) return "";
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return code == Z_STREAM_END ? out : "";
}

struct File {
  std::string bytes;
  std::string zipped;  ///< empty: not worth it
  std::string etag;
  std::string policy = {};  ///< of content, where it is not every answer's
};

File file_of(std::string_view name, std::string bytes) {
  File file;
  file.etag = "\"" + sha256_hex(bytes).substr(0, 24) + "\"";
  if (type_of(name).text && bytes.size() > kWorthZipping) file.zipped = gzip(bytes);
  file.bytes = std::move(bytes);
  return file;
}

bool takes_gzip(const HttpRequest& request) {
  const std::string* header = request.header("accept-encoding");
  return header != nullptr && header->find("gzip") != std::string::npos &&
         header->find("gzip;q=0") == std::string::npos;
}

HttpResponse respond_with(const HttpRequest& request, std::string_view name, const File& file) {
  HttpResponse response{.type = type_of(name).type};
  std::string etag = file.etag;
  if (!file.zipped.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!file.zipped.empty() && takes_gzip(request)) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = file.zipped;
    etag.insert(etag.size() - 1, "-gzip");
  } else {
    response.body = file.bytes;
  }
  if (!file.policy.empty()) response.headers.emplace_back("Content-Security-Policy", file.policy);
  return cached_response(request, std::move(response), etag, false);
}

File page_of(std::string_view name, std::string_view bytes) {
  if (!name.ends_with(".html")) return file_of(name, std::string(bytes));
  OnePage page = one_page(bytes, embedded);
  File file = file_of(name, std::move(page.html));
  file.policy = std::move(page.policy);
  return file;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse(404, "the page's file is not there");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

HttpResponse cached_response(const HttpRequest& request, HttpResponse full, const std::string& etag,
                             bool immutable) {
  full.headers.emplace_back("ETag", etag);
  full.headers.emplace_back("Cache-Control",
                            immutable ? "private, max-age=31536000, immutable" : "no-cache");
  const std::string* known = request.header("if-none-match");
  if (known != nullptr && (*known == "*" || known->find(etag) != std::string::npos)) {
    full.status = 304;
    full.body.clear();
    full.type.clear();
  }
  return full;
}

void add_static_routes(Router& router, const std::optional<std::filesystem::path>& folder) {
  for (const EmbeddedFile& source : embedded_files()) {
    if (!source.name.starts_with('/')) continue;
    const std::string name(source.name);
    Handler handler;
    if (folder) {
      const std::filesystem::path path = *folder / name.substr(1);
      handler = [name, path](const RequestPtr& request, const Respond& respond) {
        respond(respond_with(*request, name, file_of(name, read_file(path))));
      };
    } else {
      const auto file = std::make_shared<const File>(page_of(name, source.bytes));
      handler = [name, file](const RequestPtr& request, const Respond& respond) {
        respond(respond_with(*request, name, *file));
      };
    }
    router.add({.method = "GET", .pattern = name, .handler = handler, .access = Access::kPublic});
    if (name == "/index.html") {
      router.add({.method = "GET", .pattern = "/", .handler = handler, .access = Access::kPublic});
    }
  }
}

}  // namespace easel
