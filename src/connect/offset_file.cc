#include "connect/offset_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "connect/offset_store.h"
#include "core/bytes.h"
#include "core/file_content.h"

namespace millrace {
namespace {

// Java's object stream: a reader numbers class descriptors and objects from k_first_handle on, in order.
constexpr std::uint8_t k_null = 0x70, k_reference = 0x71, k_class = 0x72, k_object = 0x73, k_array = 0x75,
                       k_block = 0x77, k_end_block = 0x78;
constexpr std::uint32_t k_first_handle = 0x7E0000;
// Up to the map's fields: magic, version, the object, and its class: name, serialVersionUID, flags, two fields.
constexpr std::string_view k_map_class{
    "\xAC\xED\x00\x05sr\x00\x11java.util.HashMap\x05\x07\xDA\xC1\xC3\x16\x60\xD1\x03\x00\x02"
    "F\x00\x0AloadFactorI\x00\x09thresholdxp",
    63};
// Class of byte[] behind its tag: name, serialVersionUID, flags, no fields, no parent.
constexpr std::string_view k_bytes_class{"\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00xp", 17};
constexpr std::uint32_t k_load_factor = 0x3F400000;   // 0.75f

constexpr std::size_t k_repeated_max = 64 << 20;

struct Handle {
  bool is_bytes_class = false;
  std::string bytes{};   // of a byte[]
};

class MapReader {
 public:
  explicit MapReader(std::string_view bytes) : size_{bytes.size()}, in_{bytes} {}

  Result<OffsetMap> read() {
    if (in_.bytes(k_map_class.size()) != k_map_class) return broken("a serialized java.util.HashMap was expected");
    handles_.resize(2);   // the map's class and the map
    in_.u32();            // load factor and threshold say nothing about the entries
    in_.u32();
    if (in_.u8() != k_block || in_.u8() != 8) return broken("the map's sizes were expected");
    in_.u32();            // buckets
    const std::uint32_t count = in_.u32();
    if (!in_.ok() || count > in_.remaining()) return broken("the map's size is larger than the file");
    OffsetMap out;
    for (std::uint32_t i = 0; i < count; ++i) {
      MR_TRY(auto key, item());
      MR_TRY(auto value, item());
      if (key) out.insert_or_assign(std::move(*key), std::move(value));   // a null key names no connector
    }
    if (in_.u8() != k_end_block || !in_.done()) return broken("the end of the map was expected");
    return out;
  }

 private:
  // A byte[], or null.
  Result<std::optional<std::string>> item() {
    switch (in_.u8()) {
      case k_null: return std::optional<std::string>{};
      case k_reference: {
        MR_TRY(const Handle* known, reference());
        if (known->is_bytes_class) return broken("an array was expected");
        repeated_ += known->bytes.size();   // a few bytes of file, each time a whole copy
        if (repeated_ > k_repeated_max) return broken("one array is repeated too often");
        return std::optional<std::string>{known->bytes};
      }
      case k_array: {
        MR_CHECK(bytes_class());
        const std::uint32_t size = in_.u32();
        if (!in_.ok() || size > in_.remaining()) return broken("an array is longer than the file");
        handles_.push_back({.bytes = std::string{in_.bytes(size)}});
        return std::optional<std::string>{handles_.back().bytes};
      }
      default: return broken("an array of bytes was expected");
    }
  }

  Result<void> bytes_class() {
    const std::uint8_t tag = in_.u8();
    if (tag == k_class) {
      if (in_.bytes(k_bytes_class.size()) != k_bytes_class) return broken("the class byte[] was expected");
      handles_.push_back({.is_bytes_class = true});
      return {};
    }
    if (tag != k_reference) return broken("the class of an array was expected");
    MR_TRY(const Handle* known, reference());
    if (!known->is_bytes_class) return broken("the class byte[] was expected");
    return {};
  }

  Result<const Handle*> reference() {
    const std::uint32_t handle = in_.u32();
    // The map and its class cannot be an entry.
    if (!in_.ok() || handle < k_first_handle + 2 || handle - k_first_handle >= handles_.size())
      return broken("a reference to nothing");
    return &handles_[handle - k_first_handle];
  }

  std::unexpected<Error> broken(std::string_view problem) const {
    return fail(std::string{problem} + " (at byte " + std::to_string(size_ - in_.remaining()) + " of " +
                std::to_string(size_) + ")");
  }

  std::size_t size_;
  std::size_t repeated_ = 0;
  ByteReader in_;
  std::vector<Handle> handles_;
};

void put_u32(std::uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

void put_item(const std::optional<std::string>& item, bool& class_written, std::string& out) {
  if (!item) {
    out += static_cast<char>(k_null);
    return;
  }
  out += static_cast<char>(k_array);
  if (class_written) {
    out += static_cast<char>(k_reference);
    put_u32(k_first_handle + 2, out);
  } else {
    out += static_cast<char>(k_class);
    out += k_bytes_class;
    class_written = true;
  }
  put_u32(static_cast<std::uint32_t>(item->size()), out);
  out += *item;
}

// ------------------------------------------------------------------------------------------------ the store

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, mode_t mode = 0) : fd_{::open(path.c_str(), flags | O_CLOEXEC, mode)} {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> failed(const std::string& path, const std::string& action, const std::string& reason = std::strerror(errno)) {
  return fail("Offset file '" + path + "' (offset.storage.file.filename) cannot be " + action + ": " + reason, Retry::yes);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

// The old file or the new one, whatever happens: temporary file, its bytes on disk, rename, directory on disk.
Result<void> replace_file(const std::string& path, std::string_view bytes) {
  struct stat old{};
  const mode_t mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 0777 : 0644;
  const std::string temporary = path + ".tmp";
  {
    const Descriptor file{temporary, O_WRONLY | O_CREAT | O_TRUNC, mode};
    if (!file.ok() || !write_all(file.get(), bytes) || ::fsync(file.get()) != 0) return failed(path, "written");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed(path, "written");
  const auto folder = std::filesystem::path{path}.parent_path();
  const Descriptor directory{folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY};
  if (!directory.ok() || ::fsync(directory.get()) != 0) return failed(path, "written");
  return {};
}

class FileStore final : public OffsetStore {
 public:
  FileStore(std::string path, OffsetMap offsets) : path_{std::move(path)}, offsets_{std::move(offsets)} {}

  Result<std::optional<Checkpoint>> read(const std::string& key) override {
    const std::scoped_lock lock{mutex_};
    const auto at = offsets_.find(key);
    if (at == offsets_.end() || !at->second) return std::optional<Checkpoint>{};
    return std::optional<Checkpoint>{Checkpoint{.offset = *at->second, .whole = false}};
  }

  void write(std::string key, std::optional<Checkpoint> place, std::function<void(Result<void>)> done) override {
    done(store(std::move(key), std::move(place)));
  }

  Result<std::vector<std::pair<std::string, Checkpoint>>> of_connector(const std::string& connector) override {
    const std::scoped_lock lock{mutex_};
    std::vector<std::pair<std::string, Checkpoint>> out;
    for (const auto& [key, value] : offsets_)
      if (value && is_key_of(key, connector)) out.emplace_back(key, Checkpoint{.offset = *value, .whole = false});
    return out;
  }

 private:
  // What cannot be written stays in memory as well: a later write takes it along, as Connect's does.
  Result<void> store(std::string key, std::optional<Checkpoint> place) {
    const std::scoped_lock lock{mutex_};
    if (place) {
      offsets_.insert_or_assign(std::move(key), std::move(place->offset));
    } else {
      offsets_.erase(key);
    }
    return replace_file(path_, offset_file_bytes(offsets_));
  }

  std::string path_;
  std::mutex mutex_;
  OffsetMap offsets_;   // guarded by mutex_
};

}  // namespace

Result<OffsetMap> parse_offset_file(std::string_view bytes) {
  if (bytes.empty()) return OffsetMap{};
  return MapReader{bytes}.read();
}

std::string offset_file_bytes(const OffsetMap& offsets) {
  std::uint32_t buckets = 16;   // as a HashMap that has grown to this size
  while (offsets.size() > buckets / 4 * 3) buckets *= 2;
  std::string out{k_map_class};
  put_u32(k_load_factor, out);
  put_u32(offsets.empty() ? 0 : buckets / 4 * 3, out);
  out += static_cast<char>(k_block);
  out += '\x08';
  put_u32(buckets, out);
  put_u32(static_cast<std::uint32_t>(offsets.size()), out);
  bool class_written = false;
  for (const auto& [key, value] : offsets) {
    put_item(key, class_written, out);
    put_item(value, class_written, out);
  }
  out += static_cast<char>(k_end_block);
  return out;
}

bool is_key_of(std::string_view key, std::string_view connector) {
  std::string whole = offset_key(connector, "{}");
  whole.resize(whole.size() - 2);   // ["<connector>",{
  return key.starts_with(whole) && key.ends_with("}]");
}

Result<std::unique_ptr<OffsetStore>> open_offset_file(const std::string& path) {
  std::error_code ignored;
  const auto target = std::filesystem::canonical(path, ignored);   // behind a link, which a rename would replace
  const std::string file = ignored ? path : target.string();
  const auto bytes = read_file(file);
  if (!bytes && bytes.error() != std::errc::no_such_file_or_directory) return failed(file, "read", bytes.error().message());
  auto offsets = parse_offset_file(bytes ? *bytes : "");   // none: there is no such file yet
  if (!offsets)
    return fail("Offset file '" + path + "' (offset.storage.file.filename) is damaged: " + offsets.error().text +
                ". Put back a good copy, or move it away to start without offsets");
  return std::unique_ptr<OffsetStore>{std::make_unique<FileStore>(file, std::move(*offsets))};
}

}  // namespace millrace
