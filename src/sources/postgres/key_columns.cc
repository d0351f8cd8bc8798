#include "sources/postgres/key_columns.h"

#include <string>

#include "core/setting_rules.h"

namespace millrace::postgres {

Result<KeyColumns> KeyColumns::create(const Config& config) {
  KeyColumns out;
  const std::string text = config.get("message.key.columns");
  if (text.empty()) return out;
  for (const std::string_view entry : setting::java_split(text, ';')) {
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return fail("message.key.columns: '" + std::string{entry} + "' lacks a colon; write <table>:<column>,<column>");
    for (const std::string_view column : setting::java_split(entry.substr(colon + 1), ',')) {
      auto pattern = RegexList::compile(std::string{entry.substr(0, colon)} + "." + std::string{column});
      if (!pattern) return fail("message.key.columns: " + pattern.error().text, Retry::no, pattern.error().exception);
      out.columns_.push_back(std::move(*pattern));
    }
  }
  return out;
}

Result<std::vector<std::size_t>> KeyColumns::of(std::string_view table, const std::vector<ColumnFacts>& columns) const {
  std::vector<std::size_t> key;
  for (const RegexList& pattern : columns_) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      MR_TRY(const bool matches, pattern.matches_any(std::string{table} + "." + columns[i].name));
      if (matches) key.push_back(i);
    }
  }
  return key;
}

}  // namespace millrace::postgres
