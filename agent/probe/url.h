// URLs of sites: which may be configured, and where a redirect leads. Parsed by libcurl, so that what is
// accepted here is what is probed.
#pragma once

#include <cstddef>
#include <string>

#include "port/error.h"

namespace picket {

inline constexpr size_t kMaxUrlBytes = 2048;

// Takes an absolute URL of a site. kInvalidArgument, with the reason, unless it is http:// or https:// with
// a host, at most kMaxUrlBytes long, without spaces or control characters, with the host in ASCII (the
// "xn--" form of an international name) and without user and password: a record carries the URL to
// everyone who reads the topic.
Status ValidateUrl(const std::string& url);

// The host of a valid URL, in lower case as written; brackets of an IPv6 address are dropped.
// kInvalidArgument when it is no URL.
Expected<std::string> UrlHost(const std::string& url);

// The URL that a "Location: `location`" in the answer to `base` names (RFC 9110 section 10.2.2, RFC 3986
// section 5): absolute, relative to the scheme, the host or the path. A user and password in it are dropped:
// a server does not choose what we log in with. kInvalidArgument when it is no URL, longer than kMaxUrlBytes
// or not http or https; the text is fit for a probe's error_detail.
Expected<std::string> ResolveRedirect(const std::string& base, const std::string& location);

}  // namespace picket
