// A web server as plain as they come: files by path, HTTP/1.1 without TLS, a thread for each connection.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace holdfast::tests {

class StaticServer {
 public:
  enum class Speaks { Http11, Http10 };
  explicit StaticServer(Speaks version = Speaks::Http11);
  ~StaticServer();

  /// `http://127.0.0.1:<port>`.
  std::string url() const;
  /// `path` begins with a slash.
  void put(std::string path, Blob content);
  void remove(const std::string& path);
  /// Said in place of every file: bytes that go out as they are, after which the connection stays open.
  void say(std::string raw);
  std::size_t asked(const std::string& path);

 private:
  void accept_all();
  void serve(int connection);
  std::string answer_to(const std::string& head);

  const bool is_old_;
  int listener_ = -1;
  std::mutex lock_;
  std::map<std::string, Blob> files_;
  std::map<std::string, std::size_t> asked_;
  std::string raw_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::tests
