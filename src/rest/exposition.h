// Exposition collects samples and prints them as Prometheus reads them: families in the order of their first sample, each
// with HELP and TYPE. Source of the format: Prometheus, "Exposition formats", text format 0.0.4.
// Threads: plain value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

class Exposition {
 public:
  enum class Type : std::uint8_t { counter, gauge };
  static constexpr std::string_view k_content_type = "text/plain; version=0.0.4; charset=utf-8";

  // help of a family's first sample counts; empty: none.
  void add(std::string_view name, Type type, std::string_view help, const Labels& labels, double value);
  std::string text() const;

 private:
  struct Family {
    Type type;
    std::string help, samples;
  };
  std::map<std::string, Family, std::less<>> families_;
  std::vector<std::string_view> order_;   // keys of families_
};

}  // namespace millrace
