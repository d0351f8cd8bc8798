// A document's text in the Java driver's JsonMode.EXTENDED, indented by two blanks: what an outbox's payload becomes.
// Source: MongoDB's Java driver 4.11. Threads: any; nothing is kept.
#pragma once

#include <string>

#include "sources/mongodb/document_value.h"

namespace millrace::mongodb {

std::string canonical_json(const DocumentFields& document);

}  // namespace millrace::mongodb
