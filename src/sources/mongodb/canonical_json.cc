#include "sources/mongodb/canonical_json.h"

#include <fmt/format.h>

#include <string_view>

#include "core/numbers.h"
#include "sources/mongodb/java_json_string.h"

namespace millrace::mongodb {
namespace {

class Writer {
 public:
  explicit Writer(std::string& out) : out_{out, 256} {}

  void document(const DocumentFields& fields) {
    begin('{');
    for (const DocumentField& field : fields) {
      name(field.name);
      value(field.value);
    }
    end('}');
  }

 private:
  void begin(char bracket) {
    out_.append(bracket);
    ++depth_;
    is_first_ = true;
  }
  void end(char bracket) {
    --depth_;
    if (!is_first_) line();
    out_.append(bracket);
    is_first_ = false;
  }
  void line() {
    out_.append('\n');
    for (int i = 0; i < depth_; ++i) out_.append("  ");
  }
  void next() {
    if (!is_first_) out_.append(',');
    line();
    is_first_ = false;
  }
  void name(std::string_view text) {
    next();
    string(text);
    out_.append(": ");
  }
  void string(std::string_view text) { append_java_json_string(out_, text); }

  // {"name": "text"}, and {"name": text}
  void wrapped(std::string_view wrapper, std::string_view text) {
    begin('{');
    name(wrapper);
    string(text);
    end('}');
  }
  void wrapped_raw(std::string_view wrapper, std::string_view text) {
    begin('{');
    name(wrapper);
    out_.append(text);
    end('}');
  }
  // {"name": {"one": "text", "other": "text"}}
  void wrapped_pair(std::string_view wrapper, std::string_view one, std::string_view first, std::string_view other,
                    std::string_view second) {
    begin('{');
    name(wrapper);
    begin('{');
    name(one);
    string(first);
    name(other);
    string(second);
    end('}');
    end('}');
  }

  void value(const DocumentValue& value);
  void timestamp(const DocumentValue& value);
  void db_pointer(const DocumentValue& value);
  void scoped_code(const DocumentValue& value);
  void array(const DocumentValue& value);

  TextCursor out_;
  int depth_ = 0;
  bool is_first_ = true;   // of the innermost object or array
};

void Writer::value(const DocumentValue& value) {
  switch (value.type) {
    case BSON_TYPE_DOUBLE: return wrapped("$numberDouble", double_text(value.number));
    case BSON_TYPE_UTF8: return string(value.text);
    case BSON_TYPE_DOCUMENT: return document(value.fields);
    case BSON_TYPE_ARRAY: return array(value);
    case BSON_TYPE_BINARY:
      return wrapped_pair("$binary", "base64", base64(value.text), "subType", fmt::format("{:02X}", value.detail));
    case BSON_TYPE_UNDEFINED: return wrapped_raw("$undefined", "true");
    case BSON_TYPE_OID: return wrapped("$oid", value.text);
    case BSON_TYPE_BOOL: return out_.append(value.integer != 0 ? std::string_view{"true"} : "false");
    case BSON_TYPE_DATE_TIME:
      begin('{');
      name("$date");
      wrapped("$numberLong", std::to_string(value.integer));
      return end('}');
    case BSON_TYPE_REGEX: return wrapped_pair("$regularExpression", "pattern", value.text, "options", value.options);
    case BSON_TYPE_DBPOINTER: return db_pointer(value);
    case BSON_TYPE_CODE: return wrapped("$code", value.text);
    case BSON_TYPE_SYMBOL: return wrapped("$symbol", value.text);
    case BSON_TYPE_CODEWSCOPE: return scoped_code(value);
    case BSON_TYPE_INT32: return wrapped("$numberInt", std::to_string(value.integer));
    case BSON_TYPE_TIMESTAMP: return timestamp(value);
    case BSON_TYPE_INT64: return wrapped("$numberLong", std::to_string(value.integer));
    case BSON_TYPE_DECIMAL128: return wrapped("$numberDecimal", value.text);
    case BSON_TYPE_MINKEY: return wrapped_raw("$minKey", "1");
    case BSON_TYPE_MAXKEY: return wrapped_raw("$maxKey", "1");
    default: return out_.append(std::string_view{"null"});
  }
}

void Writer::array(const DocumentValue& array) {
  begin('[');
  for (const DocumentValue& item : array.items) {
    next();
    value(item);
  }
  end(']');
}

void Writer::timestamp(const DocumentValue& value) {
  begin('{');
  name("$timestamp");
  begin('{');
  name("t");
  out_.append(std::to_string(static_cast<std::uint32_t>(value.integer)));
  name("i");
  out_.append(std::to_string(value.detail));
  end('}');
  end('}');
}

void Writer::db_pointer(const DocumentValue& value) {
  begin('{');
  name("$dbPointer");
  begin('{');
  name("$ref");
  string(value.text);
  name("$id");
  wrapped("$oid", value.options);
  end('}');
  end('}');
}

void Writer::scoped_code(const DocumentValue& value) {
  begin('{');
  name("$code");
  string(value.text);
  name("$scope");
  document(value.fields);
  end('}');
}

}  // namespace

std::string canonical_json(const DocumentFields& document) {
  std::string out;
  Writer{out}.document(document);
  return out;
}

}  // namespace millrace::mongodb
