#include "core/bad_events.h"

#include "core/letters.h"

namespace millrace {

BadEvents bad_events(const Config& config) {
  const std::string mode = lower(trimmed(config.get("event.processing.failure.handling.mode")));
  if (mode == "warn") return BadEvents::warn;
  return mode == "skip" || mode == "ignore" ? BadEvents::skip : BadEvents::fail;
}

}  // namespace millrace
