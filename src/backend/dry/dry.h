#pragma once

#include <memory>

#include "backend/backend.h"

namespace easel {

/// A backend that prepares and computes nothing: its memory is addresses with nothing behind them,
/// what it downloads is zeros, and it reads no weight. Building a network on it checks every name
/// and shape of a file in milliseconds; running one shows what it asks for and how much memory that
/// takes, and that nobody but the backend follows an address.
std::unique_ptr<Backend> make_dry_backend();

}  // namespace easel
