// MemoryFile gives bytes a path, for libraries that take secrets as files only: nothing is written to a disk.
// Threads: plain values. Lifetime: the path leads to the bytes as long as the object lives, in this process only.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"

namespace millrace {

class MemoryFile {
 public:
  static Result<MemoryFile> of(std::string_view bytes);
  MemoryFile(MemoryFile&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  MemoryFile& operator=(MemoryFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~MemoryFile();
  std::string path() const;   // only its owner may read it

 private:
  explicit MemoryFile(int descriptor) : descriptor_{descriptor} {}
  int descriptor_ = -1;
};

}  // namespace millrace
