#include "core/log_config.h"


#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <thread>
#include <utility>

#include "core/file_content.h"
#include "core/letters.h"
#include "core/properties.h"
#include "core/wake.h"

namespace millrace {
namespace {

constexpr std::array<const char*, 2> k_strimzi_files{"/opt/kafka/custom-config/log4j2.properties",
                                                     "/opt/kafka/custom-config/log4j.properties"};
constexpr int k_substitutions_max = 16;   // ${a} that names ${a} ends here

auto config_log() { return logger("org.apache.kafka.connect.cli.Logging"); }

// ${name} is a property of the file: "property.name" of log4j2, "name" of log4j 1. An unknown one stays.
std::string substituted(const Config& file, std::string text) {
  std::size_t from = 0;
  for (int i = 0; i < k_substitutions_max; ++i) {
    const auto begin = text.find("${", from);
    const auto end = begin == text.npos ? text.npos : text.find('}', begin);
    if (end == text.npos) break;
    const std::string name = text.substr(begin + 2, end - begin - 2);
    const std::string* value = file.find("property." + name);
    if (value == nullptr) value = file.find(name);
    if (value == nullptr) from = end;
    else text.replace(begin, end + 1 - begin, *value);
  }
  return text;
}

class LevelReader {
 public:
  explicit LevelReader(const Config& file) : file_{file} {}

  // "INFO, CONSOLE": the level stands first, and appenders may stand alone.
  void level(const std::string& name, const std::string& setting, const std::string& value, bool with_appenders) {
    const std::string text = substituted(file_, value);
    const std::string word{trimmed(with_appenders ? text.substr(0, text.find(',')) : text)};
    if (with_appenders && word.empty()) return;
    if (const auto level = log_level_of(word)) out_.levels[name] = *level;
    else out_.problems.push_back(setting + "=" + value + ": no level (TRACE, DEBUG, INFO, WARN, ERROR, FATAL, OFF)");
  }

  // logger.<id>.name and logger.<id>.level belong together; logger.<id>=LEVEL is a short form.
  void log4j2() {
    if (const auto* value = file_.find("rootLogger")) level("", "rootLogger", *value, true);
    if (const auto* value = file_.find("rootLogger.level")) level("", "rootLogger.level", *value, false);
    for (const auto& [setting, name] : file_.entries()) {
      if (!setting.starts_with("logger.") || !setting.ends_with(".name")) continue;
      const std::string id = setting.substr(0, setting.size() - 5);
      const std::string category{trimmed(substituted(file_, name))};
      if (const auto* value = file_.find(id)) level(category, id, *value, true);
      if (const auto* value = file_.find(id + ".level")) level(category, id + ".level", *value, false);
    }
    const std::string interval = substituted(file_, file_.get("monitorInterval"));
    if (!interval.empty()) monitor(trimmed(interval));
  }

  void log4j1() {
    for (const char* setting : {"log4j.rootCategory", "log4j.rootLogger"})
      if (const auto* value = file_.find(setting)) level("", setting, *value, true);
    for (const auto& [setting, value] : file_.entries())
      for (const std::string_view prefix : {"log4j.category.", "log4j.logger."})
        if (setting.starts_with(prefix)) level(setting.substr(prefix.size()), setting, value, true);
  }

  LogConfig result() { return std::move(out_); }

 private:
  void monitor(std::string_view text) {
    int seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && seconds >= 0)
      out_.monitor_interval = std::chrono::seconds{seconds};
    else
      out_.problems.push_back("monitorInterval=" + std::string{text} + ": no number of seconds");
  }

  const Config& file_;
  LogConfig out_;
};

class WatchedFile final : public LogConfigFile {
 public:
  explicit WatchedFile(std::string path) : path_{std::move(path)} {}
  ~WatchedFile() override {
    stop_.request();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> begin() {
    MR_TRY(content_, read_named_file(path_));
    MR_CHECK(apply());
    if (interval_.count() > 0) thread_ = std::thread{[this] { watch(); }};
    return {};
  }

 private:
  Result<void> apply() {
    auto config = parse_log_config(content_);
    if (!config) return fail(path_ + ": " + config.error().text);
    interval_ = config->monitor_interval;
    config->levels.try_emplace("", spdlog::level::info);   // so that what is no longer named goes back
    set_log_levels(std::move(config->levels));
    for (const std::string& problem : config->problems) config_log()->warn("{}: no effect of {}", path_, problem);
    return {};
  }

  void watch() {
    // An interval of 0 in a later content keeps the last one: whoever took it away may put it back.
    for (auto wait = interval_; !stop_.requested_within(wait); wait = interval_.count() > 0 ? interval_ : wait) {
      auto content = read_file(path_);
      if (!content || *content == content_) continue;   // a ConfigMap is replaced in moments
      content_ = std::move(*content);
      if (auto applied = apply(); applied) config_log()->info("Log levels are those of the changed {}", path_);
      else config_log()->warn("Log levels stay as they are: {}", applied.error().text);
    }
  }

  const std::string path_;
  std::string content_;
  std::chrono::seconds interval_{0};
  StopSignal stop_;
  std::thread thread_;
};

}  // namespace

Result<LogConfig> parse_log_config(std::string_view text) {
  MR_TRY(const Config file, parse_properties(text, PropertiesEncoding::utf8));
  LevelReader reader{file};
  reader.log4j1();
  reader.log4j2();
  return reader.result();
}

std::optional<std::string> log_config_path(const char* kafka_log4j_opts) {
  std::istringstream options{kafka_log4j_opts == nullptr ? "" : kafka_log4j_opts};
  for (std::string option; options >> option;)
    for (const std::string_view name : {"-Dlog4j2.configurationFile=", "-Dlog4j.configurationFile=", "-Dlog4j.configuration="}) {
      if (!option.starts_with(name)) continue;
      std::string path = option.substr(name.size());
      if (path.starts_with("file:")) path.erase(0, 5);
      if (const auto root = path.find_first_not_of('/'); path.starts_with("//") && root != path.npos) path.erase(0, root - 1);
      return path;
    }
  std::error_code error;
  for (const char* path : k_strimzi_files)
    if (std::filesystem::exists(path, error)) return path;
  return std::nullopt;
}

Result<std::unique_ptr<LogConfigFile>> LogConfigFile::open(const std::string& path) {
  if (!path.ends_with(".properties"))
    return fail(path + ": only log4j configurations in properties form are read (name.properties)");
  auto file = std::make_unique<WatchedFile>(path);
  MR_CHECK(file->begin());
  return file;
}

}  // namespace millrace
