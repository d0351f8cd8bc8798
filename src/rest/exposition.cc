#include "rest/exposition.h"

#include <fmt/format.h>

#include <cmath>

namespace millrace {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else out += c;
  }
}

std::string number_text(double value) {
  const bool whole = std::abs(value) < 9e15 && value == std::floor(value);
  return whole ? fmt::format("{}", static_cast<std::int64_t>(value)) : fmt::format("{}", value);
}

}  // namespace

void Exposition::add(std::string_view name, Type type, std::string_view help, const Labels& labels, double value) {
  const auto [at, made] = families_.try_emplace(std::string{name}, Family{type, std::string{help}, {}});
  if (made) order_.push_back(at->first);
  std::string& out = at->second.samples;
  out += name;
  char before = '{';
  for (const auto& [label, text] : labels) {
    ((out += before) += label) += "=\"";
    append_escaped(out, text);
    out += '"';
    before = ',';
  }
  if (!labels.empty()) out += '}';
  out += ' ';
  out += number_text(value);
  out += '\n';
}

std::string Exposition::text() const {
  std::string out;
  for (const std::string_view name : order_) {
    const Family& family = families_.find(name)->second;
    if (!family.help.empty()) out += fmt::format("# HELP {} {}\n", name, family.help);
    out += fmt::format("# TYPE {} {}\n", name, family.type == Type::counter ? "counter" : "gauge");
    out += family.samples;
  }
  return out;
}

}  // namespace millrace
