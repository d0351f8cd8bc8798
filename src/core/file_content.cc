#include "core/file_content.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "core/destroy.h"

namespace millrace {
namespace {

std::unexpected<std::error_code> failed(int code) { return std::unexpected{std::error_code{code, std::generic_category()}}; }

}  // namespace

std::expected<std::string, std::error_code> read_file(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, Destroy<std::fclose>> file{std::fopen(path.c_str(), "rb")};
  if (!file) return failed(errno);
  std::string content;
  std::array<char, 4096> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get())) {
    content.append(part.data(), size);
    if (content.size() > bytes_max) return failed(EFBIG);
  }
  if (std::ferror(file.get()) != 0) return failed(errno);
  return content;
}

Result<std::string> read_named_file(const std::string& path) {
  auto content = read_file(path);
  if (!content) return fail("cannot read " + path + ": " + content.error().message());
  return std::move(*content);
}

}  // namespace millrace
