// Any bytes as a change event, and as a document of a snapshot: an error, or records that the JSON converter takes or refuses.
#include <cstdlib>
#include <string>

#include "core/idle_sink.h"
#include "format/converter.h"
#include "sources/mongodb/event_writer.h"

namespace {

using namespace millrace;

class ConvertingSink final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    const ConnectRecord tree = to_tree(record);
    StringOutput key, value;
    if (!converter_->convert(tree.key_schema, tree.key, key)) std::abort();   // a key is always whole
    MR_CHECK(converter_->convert(tree.value_schema, tree.value, value));
    return {};
  }

 private:
  const std::unique_ptr<Converter> converter_ = std::move(make_converter("org.apache.kafka.connect.json.JsonConverter", Config{})).value();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ConvertingSink sink;
  auto writer = mongodb::EventWriter::create(Config{{{"topic.prefix", "mongo"}}}).value();
  const mongodb::BsonView document{data, size};
  if (const auto event = mongodb::decode_change_event(document))
    if (const auto changed = writer.change(*event, sink); !changed && changed.error().text.empty()) std::abort();
  if (const auto read = writer.read("d", "c", document, "true", std::nullopt, sink); !read && read.error().text.empty()) std::abort();
  return 0;
}
