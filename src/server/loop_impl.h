#pragma once

#include <boost/asio/io_context.hpp>

#include "server/loop.h"

namespace easel::server {

struct Loop::Impl {
  boost::asio::io_context context{1};
};

}  // namespace easel::server
