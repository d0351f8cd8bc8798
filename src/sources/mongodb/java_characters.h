// Which UTF-16 code units the Java driver's JSON writer prints as they are; the others it escapes.
// Source: Java 21's Character.getType, Unicode 15.0. Letters but no modifiers, digits, spaces, punctuation and symbols are
// printed; controls, marks, surrogates, private and unassigned units are not. Threads: constant.
#pragma once

#include <array>
#include <cstdint>

namespace millrace::mongodb {

extern const std::array<std::uint64_t, 1024> k_printable_units;   // one bit per unit

inline bool is_printable(char16_t unit) { return (k_printable_units[unit / 64] >> unit % 64 & 1) != 0; }

}  // namespace millrace::mongodb
