#include "linux/http/connection.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/check.h"
#include "linux/http/response_writer.h"
#include "linux/http/worker.h"

namespace holdfast::linux::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
/// After a refusal, what the client still sends is thrown away for a while, because closing on unread bytes would reset
/// the connection and take the refusal with it.
constexpr Duration kLingerTime = seconds(2);
constexpr std::size_t kLingerBytesMax = 4 * 1024 * 1024;
constexpr Duration kRetryAfterFlush = seconds(5);

Refusal too_slow(std::string sentence) { return {408, Error{Next::Retry, kHttpTimeout, std::move(sentence)}}; }

}  // namespace

Connection::Connection(Worker& worker, std::uint64_t id, int socket, Source source, Peer peer, tls::Stream stream)
    : worker_(worker),
      id_(id),
      source_(std::move(source)),
      is_admitted_(peer == Peer::Client),
      introduction_(peer == Peer::Proxy ? std::make_unique<ProxyHeader>() : nullptr),
      stream_(std::move(stream)),
      watch_(worker.loop(), socket),
      phase_(peer == Peer::Proxy ? Phase::Introducing : Phase::Handshaking) {}

void Connection::start() {
  set_deadline(worker_.serving().limits.handshake_time);
  wait(tls::Progress::WantsRead);
}

void Connection::advance() {
  for (bool go_on = true; go_on;) {
    switch (phase_) {
      case Phase::Introducing: go_on = introduce(); break;
      case Phase::Handshaking: go_on = shake_hands(); break;
      case Phase::Reading: go_on = read(); break;
      case Phase::Sending: go_on = send(); break;
      case Phase::Lingering: go_on = linger(); break;
      case Phase::Flushing:
      case Phase::Closed: return;
    }
  }
}

/// Reads exactly the proxy's header: what follows is the client's, for TLS.
bool Connection::introduce() {
  while (introduction_->missing() > 0) {
    const auto room = worker_.scratch().first(introduction_->missing());
    const ssize_t got = ::recv(watch_.number(), room.data(), room.size(), 0);
    if (got < 0 && errno == EAGAIN) return wait(tls::Progress::WantsRead);
    if (got <= 0) return close(), false;
    const auto fed = introduction_->feed(Bytes(room).first(static_cast<std::size_t>(got)));
    if (!fed) return refuse(fed.error()), false;
  }
  if (introduction_->client()) source_ = *introduction_->client();
  introduction_.reset();
  const auto admitted = worker_.serving().admission.connect(source_, worker_.serving().clock.now());
  if (!admitted) return refuse(admitted.error()), false;
  is_admitted_ = true;
  phase_ = Phase::Handshaking;
  return true;
}

bool Connection::shake_hands() {
  const auto progress = stream_.handshake();
  if (!progress) return refuse(progress.error()), false;
  if (*progress != tls::Progress::Done) return wait(*progress);
  worker_.handshake_ended(id_);
  certificate_ = stream_.peer_certificate();
  certificate_end_ = stream_.peer_not_after();
  if (certificate_end_) worker_.set_certificate_end(id_, *certificate_end_);
  phase_ = Phase::Reading;
  set_deadline(worker_.serving().limits.header_time);
  return true;
}

bool Connection::read() {
  if (std::exchange(look_again_, false)) return consider(reader_->feed({}));
  const auto got = stream_.read(worker_.scratch());
  if (!got) return refuse(got.error()), false;
  if (got->progress == tls::Progress::Ended) return close(), false;
  if (got->progress != tls::Progress::Done) return wait(got->progress);
  const Limits& limits = worker_.serving().limits;
  if (!reader_) {
    reader_ = std::make_unique<RequestReader>(limits.header_bytes_max, limits.body_bytes_max);
    set_deadline(limits.header_time);
  }
  return consider(reader_->feed(Bytes(worker_.scratch()).first(got->bytes)));
}

bool Connection::consider(const std::expected<Reading, Refusal>& reading) {
  if (!reading) return refuse_request(reading.error());
  switch (*reading) {
    case Reading::Head: return true;
    case Reading::Body: return in_body_ || body_begins();
    case Reading::Complete: return answer();
  }
  return false;
}

bool Connection::body_begins() {
  in_body_ = true;
  worker_.body_began(id_);
  set_deadline(worker_.serving().limits.body_time);
  if (!reader_->take_expectation()) return true;
  out_ = to_blob(as_bytes(kContinue));
  then_ = Then::ReadBody;
  phase_ = Phase::Sending;
  return true;
}

bool Connection::answer() {
  if (std::exchange(in_body_, false)) worker_.body_ended(id_);
  if (certificate_end_ && worker_.serving().clock.wall_time() > *certificate_end_) return on_certificate_end(), false;
  auto [request, head_only, keep_alive] = reader_->take();
  head_only_ = head_only;
  Response response = respond(std::move(request));
  close_after_ = response.close || !keep_alive || worker_.is_draining();
  if (response.durable) return park(std::move(response));
  return reply(response, close_after_ ? Then::Close : Then::NextRequest);
}

Response Connection::respond(Request request) {
  Serving& serving = worker_.serving();
  if (const auto wait = serving.admission.request(source_, serving.clock.now())) {
    const Error error{Next::Exhausted, kHttpTooMany, "expected fewer requests from one source"};
    serving.report(source_, error);
    return problem(429, error, wait);
  }
  request.source_address = source_.address;
  request.client_certificate = certificate_;
  return serving.handler(std::move(request));
}

/// The flush may call back from any thread, at once, or after this connection, its worker or the server has gone.
bool Connection::park(Response response) {
  CHECK_INVARIANT(worker_.serving().flush != nullptr);
  parked_ = std::make_unique<Response>(std::move(response));
  phase_ = Phase::Flushing;
  set_deadline(worker_.serving().limits.answer_time);
  worker_.serving().flush([mailbox = worker_.mailbox(), weak = weak_from_this()](Result<void> flushed) {
    mailbox->deliver([weak, flushed = std::move(flushed)] {
      if (const auto connection = weak.lock()) connection->on_flushed(flushed);
    });
  });
  return false;
}

void Connection::on_flushed(const Result<void>& flushed) {
  if (phase_ != Phase::Flushing) return;
  const auto response = std::exchange(parked_, nullptr);
  const Then then = close_after_ ? Then::Close : Then::NextRequest;
  if (flushed) {
    reply(*response, then);
  } else {
    worker_.serving().report(source_, flushed.error());
    reply(problem(503, flushed.error(), kRetryAfterFlush), then);
  }
  advance();
}

bool Connection::reply(const Response& response, Then then) {
  out_ = write_response(response, {head_only_, then == Then::Close, worker_.date()});
  then_ = then;
  phase_ = Phase::Sending;
  set_deadline(worker_.serving().limits.answer_time);
  return true;
}

bool Connection::refuse_request(const Refusal& refusal) {
  worker_.serving().report(source_, refusal.error);
  unread_ = true;
  head_only_ = false;
  if (std::exchange(in_body_, false)) worker_.body_ended(id_);
  return reply(problem(refusal.status, refusal.error), Then::Close);
}

bool Connection::send() {
  while (sent_ < out_.size()) {
    const auto put = stream_.write(Bytes(out_).subspan(sent_));
    if (!put) return refuse(put.error()), false;
    if (put->progress == tls::Progress::Ended) return close(), false;
    if (put->progress != tls::Progress::Done) return wait(put->progress);
    sent_ += put->bytes;
  }
  Blob().swap(out_);
  sent_ = 0;
  return after_sending();
}

bool Connection::after_sending() {
  switch (then_) {
    case Then::ReadBody: phase_ = Phase::Reading; return true;
    case Then::NextRequest: return next_request();
    case Then::Close: break;
  }
  stream_.close();
  if (!unread_) return close(), false;
  ::shutdown(watch_.number(), SHUT_WR);
  phase_ = Phase::Lingering;
  set_deadline(kLingerTime);
  return true;
}

bool Connection::next_request() {
  phase_ = Phase::Reading;
  if (reader_->has_begun()) {
    // A client that pipelines takes turns with the others.
    look_again_ = true;
    set_deadline(worker_.serving().limits.header_time);
    worker_.loop().post([self = shared_from_this()] { self->advance(); });
    return false;
  }
  reader_.reset();
  set_deadline(worker_.serving().limits.idle_time);
  return stream_.has_pending() || wait(tls::Progress::WantsRead);
}

bool Connection::linger() {
  while (lingered_ < kLingerBytesMax) {
    const auto scratch = worker_.scratch();
    const ssize_t got = ::recv(watch_.number(), scratch.data(), scratch.size(), 0);
    if (got < 0 && errno == EAGAIN) return wait(tls::Progress::WantsRead);
    if (got <= 0) break;
    lingered_ += static_cast<std::size_t>(got);
  }
  return close(), false;
}

void Connection::on_deadline() {
  switch (phase_) {
    case Phase::Introducing:
    case Phase::Handshaking:
      return refuse(Error{Next::Retry, kHttpTimeout, "expected a finished handshake, saw its time pass"});
    case Phase::Reading:
      if (!reader_) {
        stream_.close();
        return close();
      }
      refuse_request(too_slow(in_body_ ? "expected the whole body, saw its time pass"
                                       : "expected the whole head, saw its time pass"));
      return advance();
    case Phase::Flushing:
      parked_.reset();
      return refuse_flush({Next::Retry, kHttpTimeout, "expected a flush, saw its time pass"});
    case Phase::Sending:
      return refuse(Error{Next::Retry, kHttpTimeout, "expected the answer to be taken, saw its time pass"});
    case Phase::Lingering:
    case Phase::Closed: return close();
  }
}

void Connection::refuse_flush(const Error& error) {
  worker_.serving().report(source_, error);
  reply(problem(503, error, kRetryAfterFlush), Then::Close);
  advance();
}

void Connection::on_certificate_end() {
  stream_.close();
  refuse(Error{Next::Denied, kHttpCertificateEnded, "expected a client certificate that is valid, saw it end"});
}

void Connection::drain() {
  if (phase_ == Phase::Introducing || phase_ == Phase::Handshaking) return close();
  if (phase_ == Phase::Reading && !reader_) {
    stream_.close();
    close();
  }
}

void Connection::refuse(const Error& error) {
  worker_.serving().report(source_, error);
  close();
}

bool Connection::wait(tls::Progress progress) {
  const auto readiness = progress == tls::Progress::WantsWrite ? Readiness::Writable : Readiness::Readable;
  if (!watch_.wait(readiness, weak_from_this())) {
    refuse(Error{Next::Exhausted, kHttpTooMany, "expected memory to watch a connection, saw none"});
  }
  return false;
}

void Connection::set_deadline(Duration from_now) {
  worker_.set_deadline(id_, worker_.serving().clock.now() + from_now);
}

void Connection::close() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  watch_.close();
  worker_.forget(id_);
}

}  // namespace holdfast::linux::http
