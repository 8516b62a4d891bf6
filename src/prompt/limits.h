#pragma once

namespace easel {

/// Brackets within each other that a prompt may have: nobody writes so many, and what each
/// multiplies would take time that grows with their square.
inline constexpr int kMostBrackets = 1000;

}  // namespace easel
