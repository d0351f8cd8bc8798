// TimestampRouter: the topic is made of the old one and the record's timestamp.
#include <memory>
#include <utility>

#include "transform/connect_classes.h"
#include "transform/simple_date_format.h"

namespace millrace {
namespace {

const ConfigDef& timestamp_router_def() {
  static const ConfigDef def{
      {option("topic.format", ConfigType::string, "${topic}-${timestamp}", Importance::high,
              "The new topic; ${topic} stands for the old one, ${timestamp} for the record's timestamp."),
       option("timestamp.format", ConfigType::string, "yyyyMMdd", Importance::high,
              "A pattern of java.text.SimpleDateFormat for the timestamp, which is written in UTC.")}};
  return def;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) text.replace(at, what.size(), with);
  return text;
}

class TimestampRouter final : public Transform {
 public:
  TimestampRouter(std::string topic_format, Result<SimpleDateFormat> timestamp_format)
      : topic_format_{std::move(topic_format)}, timestamp_format_{std::move(timestamp_format)} {}

  static Result<std::unique_ptr<Transform>> create(const Config& given) {
    MR_TRY(const ConnectOptions options, ConnectOptions::read(timestamp_router_def(), given));
    return std::make_unique<TimestampRouter>(options.text("topic.format"),
                                             SimpleDateFormat::compile(options.text("timestamp.format")));
  }

  // Java makes the format with the first record: until then a wrong pattern is no error.
  Result<std::optional<ConnectRecord>> apply(ConnectRecord record) override {
    if (!record.timestamp_ms)
      return fail("Timestamp missing on record: ConnectRecord{topic='" + record.topic + "'}", Retry::no, k_data_exception);
    if (!timestamp_format_) return std::unexpected{timestamp_format_.error()};
    record.topic = replaced(replaced(topic_format_, "${topic}", record.topic), "${timestamp}",
                            timestamp_format_->format(*record.timestamp_ms));
    record.tombstone_headers = nullptr;
    return record;
  }

 private:
  std::string topic_format_;
  Result<SimpleDateFormat> timestamp_format_;
};

}  // namespace

std::array<TransformClass, 1> timestamp_router_class() {
  return {TransformClass{.class_name = "org.apache.kafka.connect.transforms.TimestampRouter", .version = k_connect_version,
                         .config_def = timestamp_router_def, .make_transform = TimestampRouter::create}};
}

}  // namespace millrace
