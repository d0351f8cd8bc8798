// ArrayText walks the outer dimension of PostgreSQL's text of an array: {1,NULL,"a \"b\""}, [0:1]={5,6}.
// Threads: one. Lifetime: items point into the text or into the walker, until the next call of next().
#pragma once

#include <string>
#include <string_view>

namespace millrace::postgres {

class ArrayText {
 public:
  explicit ArrayText(std::string_view text, char delimiter = ',');

  struct Item {
    std::string_view text;
    bool is_null = false;
    bool is_array = false;   // a nested array; text is all of it, with its braces
  };
  // False at the end, and at text that is no array: ok() tells them apart.
  bool next(Item& item);
  bool ok() const { return ok_; }

 private:
  bool spoil();
  bool take_quoted(Item& item);
  bool take_nested(Item& item);
  bool take_plain(Item& item);

  std::string_view rest_;
  std::string unescaped_;
  char delimiter_;
  bool first_ = true;
  bool done_ = false;
  bool ok_ = true;
};

}  // namespace millrace::postgres
