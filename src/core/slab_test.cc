#include "core/slab.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace millrace {
namespace {

constexpr std::size_t k_slab = 4096;

SlabRing::Piece put(SlabRing& ring, std::string_view text) {
  ring.begin().append(text);
  return ring.finish();
}

TEST(SlabRing, ReturnsToTheSameMemoryWhenNothingIsOpen) {
  SlabRing ring{4, k_slab};
  const char* first = nullptr;
  for (int i = 0; i < 1000; ++i) {
    const auto piece = put(ring, std::string(100, 'x'));
    if (first == nullptr) first = piece.bytes.data();
    EXPECT_EQ(piece.bytes.data(), first);
    ring.release(piece.slab);
  }
  EXPECT_EQ(ring.bytes_in_use(), 0U);
}

TEST(SlabRing, MovesAValueThatOutgrowsTheSlabsRest) {
  SlabRing ring{2, k_slab};
  const auto first = put(ring, std::string(3000, 'a'));
  Output& out = ring.begin();
  out.append(std::string(1000, 'b'));
  out.append(std::string(1000, 'c'));
  const auto second = ring.finish();
  EXPECT_NE(first.slab, second.slab);
  EXPECT_EQ(second.bytes, std::string(1000, 'b') + std::string(1000, 'c'));
  EXPECT_EQ(first.bytes, std::string(3000, 'a'));
  EXPECT_EQ(ring.bytes_in_use(), 2 * k_slab);
}

TEST(SlabRing, IsNotReadyWhileAllSlabsHoldOpenValues) {
  SlabRing ring{2, k_slab};
  std::vector<SlabRing::Piece> open;
  while (ring.ready()) open.push_back(put(ring, std::string(512, 'x')));
  EXPECT_EQ(ring.bytes_in_use(), 2 * k_slab);
  EXPECT_GE(open.size(), 2 * 7U);
  const auto first_slab = open.front().slab;
  for (const auto& piece : open)
    if (piece.slab == first_slab) ring.release(piece.slab);
  EXPECT_TRUE(ring.ready());
  EXPECT_EQ(put(ring, "y").slab, first_slab);
}

TEST(SlabRing, GivesAnOversizedValueMemoryOfItsOwn) {
  SlabRing ring{2, k_slab};
  std::string large;
  Output& out = ring.begin();
  for (int i = 0; i < 1000; ++i) {
    const std::string part = std::to_string(i) + std::string(60, 'z');
    out.append(part);
    large += part;
  }
  const auto piece = ring.finish();
  EXPECT_EQ(piece.bytes, large);
  EXPECT_FALSE(ring.ready());   // more than a quarter of the ring's size
  EXPECT_GE(ring.bytes_in_use(), large.size());
  ring.release(piece.slab);
  EXPECT_TRUE(ring.ready());
  EXPECT_EQ(ring.bytes_in_use(), 0U);
}

TEST(SlabRing, TakesValuesBeyondItsBoundWhenNobodyAsks) {
  SlabRing ring{1, k_slab};
  std::vector<SlabRing::Piece> open;
  for (int i = 0; i < 20; ++i) open.push_back(put(ring, std::string(1000, static_cast<char>('a' + i))));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(open[static_cast<std::size_t>(i)].bytes, std::string(1000, static_cast<char>('a' + i)));
    ring.release(open[static_cast<std::size_t>(i)].slab);
  }
  EXPECT_EQ(ring.bytes_in_use(), 0U);
}

TEST(SlabRing, ForgetsAnAbandonedValue) {
  SlabRing ring{1, k_slab};
  ring.begin().append(std::string(100, 'x'));
  ring.abandon();
  ring.begin().append(std::string(3 * k_slab, 'x'));
  ring.abandon();
  EXPECT_EQ(ring.bytes_in_use(), 0U);
  EXPECT_TRUE(ring.ready());
  EXPECT_EQ(put(ring, "y").bytes, "y");
}

TEST(SlabRing, KeepsEmptyValues) {
  SlabRing ring{1, k_slab};
  ring.begin();
  const auto piece = ring.finish();
  EXPECT_EQ(piece.bytes.size(), 0U);
  EXPECT_EQ(ring.bytes_in_use(), k_slab);
  ring.release(piece.slab);
  EXPECT_EQ(ring.bytes_in_use(), 0U);
}

// Acknowledged in any order, no open value is ever written over.
RC_GTEST_PROP(SlabRing, HoldsEveryOpenValue, ()) {
  SlabRing ring{3, 256};
  std::vector<std::pair<SlabRing::Piece, std::string>> open;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 400), rc::gen::inRange(0, 1000)));
  char letter = 'a';
  for (const auto& [size, pick] : steps) {
    letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1);
    const std::string text(static_cast<std::size_t>(size), letter);
    Output& out = ring.begin();
    for (std::size_t at = 0; at < text.size(); at += 50) out.append(std::string_view{text}.substr(at, 50));
    open.emplace_back(ring.finish(), text);
    while (!open.empty() && (open.size() > 5 || pick % 3 == 0)) {
      const auto at = open.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(pick) % open.size());
      RC_ASSERT(at->first.bytes == at->second);
      ring.release(at->first.slab);
      open.erase(at);
    }
  }
  for (const auto& [piece, text] : open) {
    RC_ASSERT(piece.bytes == text);
    ring.release(piece.slab);
  }
  RC_ASSERT(ring.bytes_in_use() == 0U);
}

}  // namespace
}  // namespace millrace
