#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/api/openai/request.h"

namespace easel::server {

/// What every answer and event says of the pictures: size, quality, background, output_format.
Json picture_facts(const ImagesRequest& asked);
/// The count of tokens that this API bills: none, since nothing is billed here.
Json no_usage();
/// What was done, in Easel's own words: nobody should take an enlarged picture for a drawn one.
Json how(const ImagesRequest& asked, const JobRecord& job,
         const std::vector<PictureRecord>& pictures);
/// An address at which the client that sent `request` may read the picture, for an hour.
std::string address_of(const App& app, const HttpRequest& request, const PictureRecord& picture,
                       const PictureForm& form);
/// Draws what is asked for and answers, with events where it is to be a stream.
void answer_images(App& app, const RequestPtr& request, const ImagesRequest& asked,
                   const Respond& respond);
/// GET of such an address where the picture is no PNG.
void send_in_form(App& app, const RequestPtr& request, const Respond& respond);

/// A problem in this API's form.
Json error_json(const Problem& problem);

}  // namespace easel::server
