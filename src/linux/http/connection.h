// One client's connection: a proxy's introduction where there is one, handshake, requests one after another, answers.
// It belongs to one worker's thread. Every phase has a deadline that bytes do not move, so that trickling buys nothing;
// pipelined requests are answered in order. Idle, it holds no buffers.
#pragma once

#include "linux/http/event_loop.h"
#include "linux/http/proxy_header.h"
#include "linux/http/request_reader.h"
#include "linux/http/source.h"
#include "linux/tls/stream.h"

namespace holdfast::linux::http {

class Worker;

class Connection final : public Waiter, public std::enable_shared_from_this<Connection> {
 public:
  enum class Peer { Client, Proxy };

  /// Owns `socket`. A client was admitted before; the one that a proxy speaks for is once the proxy has said who it is.
  Connection(Worker& worker, std::uint64_t id, int socket, Source source, Peer peer, tls::Stream stream);

  const Source& source() const { return source_; }
  bool is_admitted() const { return is_admitted_; }

  void start();
  /// Spurious calls do no harm.
  void on_ready() override { advance(); }
  void on_deadline();
  void on_certificate_end();
  void on_flushed(const Result<void>& flushed);
  /// Closes now if nothing is under way, else after the answer.
  void drain();
  void refuse(const Error& error);  ///< says why, then closes

 private:
  enum class Phase { Introducing, Handshaking, Reading, Flushing, Sending, Lingering, Closed };
  enum class Then { ReadBody, NextRequest, Close };

  void advance();
  // Each of these takes one step and says whether to go on at once.
  bool introduce();
  bool shake_hands();
  bool read();
  bool send();
  bool linger();
  bool consider(const std::expected<Reading, Refusal>& reading);
  bool body_begins();
  bool answer();
  bool after_sending();
  bool next_request();

  Response respond(Request request);
  bool park(Response response);
  bool reply(const Response& response, Then then);
  void refuse_flush(const Error& error);
  bool refuse_request(const Refusal& refusal);
  bool wait(tls::Progress progress);
  void set_deadline(Duration from_now);
  void close();

  Worker& worker_;
  const std::uint64_t id_;
  Source source_;
  bool is_admitted_;
  std::unique_ptr<ProxyHeader> introduction_;
  tls::Stream stream_;
  EventLoop::Watch watch_;
  Phase phase_;
  Then then_ = Then::NextRequest;
  std::optional<Blob> certificate_;  ///< the client's, DER: encoding it anew cost more than parsing a request
  std::optional<WallTime> certificate_end_;
  bool in_body_ = false;
  bool look_again_ = false;  ///< bytes of the next request came with the last one
  bool head_only_ = false;
  bool close_after_ = false;
  bool unread_ = false;  ///< the client may still be sending what nobody will read
  std::size_t lingered_ = 0;
  std::unique_ptr<RequestReader> reader_;
  std::unique_ptr<Response> parked_;  ///< until its flush
  Blob out_;
  std::size_t sent_ = 0;
};

}  // namespace holdfast::linux::http
