#include "core/slab.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace millrace {

namespace {

// Pages of the operating system: resident only once touched, and given back at once when freed, which the
// allocator would not promise.
class Pages {
 public:
  Pages() = default;
  explicit Pages(std::size_t size) : size_{size} {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    data_ = static_cast<char*>(memory);
  }
  ~Pages() { free(); }
  Pages(Pages&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)}, size_{std::exchange(other.size_, 0)} {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  void free() {
    if (data_ != nullptr) ::munmap(data_, size_);
    data_ = nullptr;
    size_ = 0;
  }
  // Keeps the contents; they may move when the size grows.
  void resize(std::size_t size) {
    void* memory = ::mremap(data_, size_, size, MREMAP_MAYMOVE);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    data_ = static_cast<char*>(memory);
    size_ = size;
  }
  char* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

constexpr std::size_t k_page_bytes = 4096;
constexpr std::size_t k_oversized_share = 4;   // of the ring's size: what oversized values may hold before one more is begun

std::size_t whole_pages(std::size_t size) { return (size + k_page_bytes - 1) / k_page_bytes * k_page_bytes; }

}  // namespace

struct SlabRing::Impl final : Output {
  struct Slab {
    std::size_t used = 0;
    std::uint32_t open = 0;   // values that are not acknowledged
  };
  enum class Place : std::uint8_t { none, slab, own };

  Impl(std::size_t slab_count, std::size_t bytes)
      : slab_bytes{bytes}, memory{slab_count * bytes}, slabs(slab_count) {
    // The last of the stack is taken first. Freed slabs go back on top, so that a light load stays in few pages.
    for (std::size_t i = slab_count; i-- > 1;) idle.push_back(static_cast<std::uint16_t>(i));
  }

  char* start_of(std::uint16_t slab) const { return memory.data() + slab * slab_bytes; }
  Slab& now() { return slabs[current]; }

  void write_at(char* begin, std::size_t written, char* end) {
    begin_ = begin;
    at_ = begin + written;
    end_ = end;
  }

  void begin_in_slab() {
    if (now().open == 0) now().used = 0;
    place = Place::slab;
    write_at(start_of(current) + now().used, 0, start_of(current) + slab_bytes);
  }

  bool nearly_full(const Slab& slab) const { return slab.open != 0 && slab_bytes - slab.used < slab_bytes / 8; }

  // The current slab has at least its share of the bound free, or another one has.
  bool has_room() const { return !nearly_full(slabs[current]) || !idle.empty(); }

  void take_idle_slab() {
    // Only when its last value was acknowledged while the next one was being written.
    if (now().open == 0) idle.insert(idle.begin(), current);
    current = idle.back();
    idle.pop_back();
    now().used = 0;
  }

  void grow(std::size_t size) override {
    const std::string_view so_far = written();
    const std::size_t needed = so_far.size() + size;
    if (place == Place::own) {
      own[own_current].resize(whole_pages(std::max(needed, own[own_current].size() * 2)));
    } else if (needed <= slab_bytes && !idle.empty()) {
      const char* from = begin_;
      take_idle_slab();
      std::memcpy(start_of(current), from, so_far.size());
      write_at(start_of(current), so_far.size(), start_of(current) + slab_bytes);
      return;
    } else {
      own_current = take_own(whole_pages(needed * 2));
      std::memcpy(own[own_current].data(), so_far.data(), so_far.size());
      place = Place::own;
    }
    write_at(own[own_current].data(), so_far.size(), own[own_current].data() + own[own_current].size());
  }

  std::size_t take_own(std::size_t size) {
    auto at = std::ranges::find_if(own, [](const Pages& pages) { return pages.data() == nullptr; });
    if (at == own.end()) at = own.emplace(own.end());
    *at = Pages{size};
    return static_cast<std::size_t>(at - own.begin());
  }

  Piece finish_own() {
    const std::size_t size = written().size();
    Pages& pages = own[own_current];
    pages.resize(whole_pages(std::max<std::size_t>(size, 1)));   // shrinks in place or moves: take data() after it
    own_bytes += pages.size();
    const std::size_t index = slabs.size() + own_current;
    assert(index <= std::numeric_limits<std::uint16_t>::max());
    return {{pages.data(), size}, static_cast<std::uint16_t>(index)};
  }

  const std::size_t slab_bytes;
  Pages memory;
  std::vector<Slab> slabs;
  std::vector<std::uint16_t> idle;   // without the current one
  std::uint16_t current = 0;
  std::vector<Pages> own;            // of oversized values; free places have no memory
  std::size_t own_current = 0;
  std::size_t own_bytes = 0;
  Place place = Place::none;         // where the value that is being written lies
};

SlabRing::SlabRing(std::size_t slab_count, std::size_t slab_bytes)
    : impl_{std::make_unique<Impl>(slab_count, slab_bytes)} {
  assert(slab_count > 0 && slab_count < 0x8000 && slab_bytes > 0);
}

SlabRing::~SlabRing() = default;

bool SlabRing::ready() const { return impl_->has_room() && impl_->own_bytes <= impl_->memory.size() / k_oversized_share; }

Output& SlabRing::begin() {
  Impl& ring = *impl_;
  assert(ring.place == Impl::Place::none);
  if (ring.nearly_full(ring.now()) && !ring.idle.empty()) ring.take_idle_slab();
  ring.begin_in_slab();
  return ring;
}

SlabRing::Piece SlabRing::finish() {
  Impl& ring = *impl_;
  assert(ring.place != Impl::Place::none);
  const auto place = std::exchange(ring.place, Impl::Place::none);
  if (place == Impl::Place::own) return ring.finish_own();
  const std::string_view bytes = ring.written();
  ring.now().used = static_cast<std::size_t>(bytes.data() + bytes.size() - ring.start_of(ring.current));
  ++ring.now().open;
  return {bytes, ring.current};
}

void SlabRing::abandon() {
  Impl& ring = *impl_;
  assert(ring.place != Impl::Place::none);
  if (std::exchange(ring.place, Impl::Place::none) == Impl::Place::own) ring.own[ring.own_current].free();
}

void SlabRing::release(std::uint16_t slab) {
  Impl& ring = *impl_;
  if (slab >= ring.slabs.size()) {
    Pages& pages = ring.own[slab - ring.slabs.size()];
    assert(pages.data() != nullptr);
    ring.own_bytes -= pages.size();
    pages.free();
    return;
  }
  assert(ring.slabs[slab].open > 0);
  if (--ring.slabs[slab].open == 0 && slab != ring.current) ring.idle.push_back(slab);
}

std::size_t SlabRing::bytes_in_use() const {
  std::size_t bytes = impl_->own_bytes;
  for (const Impl::Slab& slab : impl_->slabs)
    if (slab.open != 0) bytes += impl_->slab_bytes;
  return bytes;
}

}  // namespace millrace
