#include "core/memory_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace millrace {

Result<MemoryFile> MemoryFile::of(std::string_view bytes) {
  MemoryFile made{::memfd_create("credentials", MFD_CLOEXEC)};
  const auto failed = [] { return fail(std::string{"A file in memory: "} + std::strerror(errno), Retry::yes); };
  if (made.descriptor_ < 0 || ::fchmod(made.descriptor_, S_IRUSR | S_IWUSR) != 0) return failed();
  while (!bytes.empty()) {
    const ssize_t count = ::write(made.descriptor_, bytes.data(), bytes.size());
    if (count < 0) return failed();
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return made;
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace millrace
