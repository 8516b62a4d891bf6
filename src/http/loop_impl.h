#pragma once

#include <boost/asio/io_context.hpp>

#include "http/loop.h"

namespace easel {

struct Loop::Impl {
  boost::asio::io_context context{1};
};

}  // namespace easel
