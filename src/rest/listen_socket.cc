#include "rest/listen_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace millrace {
namespace {

constexpr int k_backlog = 512;

// A descriptor, or errno.
std::expected<Descriptor, int> bind_and_listen(int family, const sockaddr* address, socklen_t size) {
  Descriptor fd{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0) return std::unexpected{errno};
  const int on = 1;
  const int off = 0;
  // Not SO_REUSEPORT: two workers on one port must be an error.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd.get(), address, size) != 0 || ::listen(fd.get(), k_backlog) != 0) return std::unexpected{errno};
  return fd;
}

std::string address_text(const Listener& listener) {
  if (listener.host.empty()) return fmt::format("*:{}", listener.port);
  return listener.host.find(':') == std::string::npos ? fmt::format("{}:{}", listener.host, listener.port)
                                                      : fmt::format("[{}]:{}", listener.host, listener.port);
}

std::expected<Descriptor, int> listen_everywhere(int port) {
  sockaddr_in6 all6{};
  all6.sin6_family = AF_INET6;
  all6.sin6_port = htons(static_cast<std::uint16_t>(port));
  auto fd = bind_and_listen(AF_INET6, reinterpret_cast<const sockaddr*>(&all6), sizeof all6);
  // Hosts without IPv6 say so in either way.
  if (fd || (fd.error() != EAFNOSUPPORT && fd.error() != EADDRNOTAVAIL)) return fd;
  sockaddr_in all4{};
  all4.sin_family = AF_INET;
  all4.sin_port = htons(static_cast<std::uint16_t>(port));
  return bind_and_listen(AF_INET, reinterpret_cast<const sockaddr*>(&all4), sizeof all4);
}

}  // namespace

Result<Descriptor> listen_on(const Listener& listener) {
  const std::string address = address_text(listener);
  const auto cannot = [&](std::string_view reason) {
    return fail(fmt::format("Cannot listen on {}: {}", address, reason), Retry::no, k_connect_exception);
  };
  if (listener.port < 0 || listener.port > 65535) return cannot("the port is not between 0 and 65535");
  if (listener.host.empty()) {
    auto fd = listen_everywhere(listener.port);
    if (!fd) return cannot(std::strerror(fd.error()));
    return std::move(*fd);
  }

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(listener.host.c_str(), std::to_string(listener.port).c_str(), &hints, &found);
  if (error != 0) return cannot(::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all{found, &::freeaddrinfo};
  int reason = 0;
  for (const addrinfo* one = all.get(); one != nullptr; one = one->ai_next) {
    auto fd = bind_and_listen(one->ai_family, one->ai_addr, one->ai_addrlen);
    if (fd) return std::move(*fd);
    reason = fd.error();
  }
  return cannot(std::strerror(reason));
}

int bound_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port)
                                       : ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace millrace
