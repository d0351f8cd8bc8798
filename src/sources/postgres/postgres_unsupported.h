// Options of Debezium that would change what is delivered and that this version does not follow yet. A connector that
// sets one of them is refused: an option must never be passed over in silence.
#pragma once

#include "core/config.h"

namespace millrace::postgres {

void refuse_unsupported(const Config& config, ConfigErrors& errors);

}  // namespace millrace::postgres
