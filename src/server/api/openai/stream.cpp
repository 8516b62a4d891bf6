#include "server/api/openai/stream.h"

#include <map>
#include <memory>

#include "core/error.h"
#include "http/base64.h"
#include "http/event_stream.h"
#include "image/resize.h"
#include "server/api/openai/answer.h"
#include "store/ulid.h"

namespace easel::server {
namespace {

// A reader may fall so far behind: three pictures of the largest size in base64.
constexpr std::size_t kMostBehind = 96 << 20;

// A preview is as small as a latent; it is sent at the size of the picture that it becomes.
std::string grown_preview(const std::string& png, Image::Size size, const PictureForm& form) {
  const Image small =
      decode_picture({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()}).image;
  const auto bytes = encode_picture(resize(small, size, Resampling::kLanczos), form.format,
                                    {.quality = form.quality, .compression = 1});
  return {bytes.begin(), bytes.end()};
}

// One client's events. On the loop, but for the work that it gives to the helping thread, which
// keeps their order.
class PictureStream : public std::enable_shared_from_this<PictureStream> {
 public:
  PictureStream(App& app, ImagesRequest asked)
      : app_(app), asked_(std::move(asked)), out_(std::make_shared<EventStream>(kMostBehind)) {}

  std::shared_ptr<EventStream> out() const { return out_; }

  void watch(const std::string& job) {
    out_->on_closed = [self = weak_from_this()] {
      if (const auto stream = self.lock()) stream->watching_.reset();
    };
    if (asked_.partial_images == 0) return;
    watching_ = app_.hub.watch(job, [self = weak_from_this()](const Preview& preview) {
      if (const auto stream = self.lock()) stream->on_preview(preview);
    });
  }

  void finish(const JobRecord& job, const std::vector<PictureRecord>& pictures) {
    watching_.reset();
    if (job.state == JobState::kCancelled) {
      return fail({.status = 409, .detail = "the job was cancelled"});
    }
    const Json done = how(asked_, job, pictures);
    for (const PictureRecord& picture : pictures) {
      work([picture, done, self = shared_from_this()] {
        const auto bytes = self->app_.storage.files.picture(picture.id);
        if (!bytes) easel::fail(ErrorCode::kNotFound, "the picture's file has gone");
        Json event = self->event(".completed", in_form(*bytes, self->asked_.form));
        event["usage"] = no_usage();
        event["easel"] = done;
        return event;
      });
    }
    app_.threads.helper->post(
        [self = shared_from_this()] { self->app_.loop.post([self] { self->out_->end(); }); });
  }

  void fail(const Problem& problem) {
    watching_.reset();
    send("error", {{"type", "error"}, {"error", error_json(problem)}});
    out_->end();
  }

 private:
  // Partial k of P of a picture is due when (k + 1)/(P + 1) of its steps are done.
  void on_preview(const Preview& preview) {
    const int steps = diffusion_of(asked_.draw.recipe).steps.value_or(1);
    const int wanted = asked_.partial_images;
    int picture = preview.first_picture;
    for (const std::string& png : preview.pictures) {
      int& sent = partials_[picture++];
      if (sent == wanted || preview.step * (wanted + 1) < (sent + 1) * steps) continue;
      work([png, index = sent++, self = shared_from_this()] {
        Json event =
            self->event(".partial_image", grown_preview(png, self->asked_.size, self->asked_.form));
        event["partial_image_index"] = index;
        return event;
      });
    }
  }

  Json event(const char* what, const std::string& file) const {
    Json json = {{"type", asked_.events + what},
                 {"b64_json", base64(file)},
                 {"created_at", now_ms() / 1000}};
    json.update(picture_facts(asked_));
    return json;
  }

  // Makes an event on the helping thread and sends it.
  void work(std::function<Json()> make) {
    app_.threads.helper->post([make = std::move(make), self = shared_from_this()] {
      Json event;
      std::exception_ptr error;
      try {
        event = make();
      } catch (...) {
        error = std::current_exception();
      }
      self->app_.loop.post([event = std::move(event), error, self] {
        if (error) return self->fail(problem_of(error));
        self->send(event["type"].text(), event);
      });
    });
  }

  void send(const std::string& name, const Json& data) {
    out_->push(
        std::make_shared<const std::string>("event: " + name + "\ndata: " + data.dump() + "\n\n"),
        false);
  }

  App& app_;
  ImagesRequest asked_;
  std::shared_ptr<EventStream> out_;
  std::shared_ptr<void> watching_;
  std::map<int, int> partials_;  // sent, by picture
};

}  // namespace

void stream_images(App& app, const RequestPtr& request, const ImagesRequest& asked,
                   const Respond& respond) {
  const auto stream = std::make_shared<PictureStream>(app, asked);
  submit_draw(
      app, *request, asked.draw,
      [&app, stream, respond](const App::Submitted& submitted) {
        const std::string& job = submitted.sight.job.id;
        stream->watch(job);
        respond({.events = stream->out()});
        wait_for(
            app, job,
            [stream](const JobRecord& ended, const std::vector<PictureRecord>& pictures) {
              stream->finish(ended, pictures);
            },
            [stream](const Problem& problem) { stream->fail(problem); });
      },
      fail_with(*request, respond));
}

}  // namespace easel::server
