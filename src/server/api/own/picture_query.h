#pragma once

#include <vector>

#include "core/json.h"
#include "http/http.h"
#include "store/picture.h"

namespace easel::server {

/// What GET /pictures asks for; one more than its limit, to know whether there is a next page.
/// Throws FaultsError.
PictureFilter picture_filter_in(const HttpRequest& request);

/// A page of what the filter found: {items, next}.
Json picture_page(const PictureFilter& filter, std::vector<PictureRecord> pictures);

}  // namespace easel::server
