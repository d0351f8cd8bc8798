// Destroy makes a C library's free function the deleter of a std::unique_ptr, which then is no larger than a pointer.
#pragma once

namespace millrace {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};

}  // namespace millrace
