// A request as HTTP brought it, and what the service answers, each in the other's words.
#pragma once

#include "linux/http/message.h"
#include "service/request.h"

namespace holdfast::programs {

service::Request to_service(service::Port port, linux::http::Request request);
linux::http::Response from_service(service::Response response);

}  // namespace holdfast::programs
