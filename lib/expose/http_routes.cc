#include "expose/http_routes.h"

#include <utility>

#include "expose/json_api.h"
#include "expose/web_assets.h"

namespace guardwatch {
namespace {

constexpr std::string_view kReloadPath = "/-/reload";

HttpResponse Text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

HttpResponse Json(ApiAnswer answer) {
  HttpResponse response;
  response.status = answer.status;
  response.content_type = "application/json";
  response.body = std::move(answer.json);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse WrongMethod(std::string allowed) {
  HttpResponse response = Json({405, ErrorJson("method_not_allowed", "use " + allowed)});
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

HttpResponse Readiness(const SelfMetrics& self) {
  return self.ready ? Text(200, "ready\n")
                    : Text(503, "not ready: " + self.not_ready_reason + "\n");
}

}  // namespace

HttpRoutes::HttpRoutes(ApiBackend backend, PrometheusExporterOptions exporter)
    : backend_(std::move(backend)), api_(backend_), exporter_(exporter) {}

void HttpRoutes::Handle(const HttpRequest& request, Respond respond) {
  if (request.path == kReloadPath) return Reload(request, std::move(respond));
  if (request.method != "GET" && request.method != "HEAD") return respond(WrongMethod("GET, HEAD"));
  if (request.path == "/metrics") {
    HttpResponse response = Text(200, exporter_.Render(*backend_.snapshot(), backend_.self()));
    response.content_type = PrometheusExporter::kContentType;
    return respond(std::move(response));
  }
  if (request.path == "/-/healthy") return respond(Text(200, "healthy\n"));
  if (request.path == "/-/ready") return respond(Readiness(backend_.self()));
  if (request.path.starts_with(kApiPrefix)) {
    return api_.Handle(
        std::string_view(request.path).substr(kApiPrefix.size()), request.query,
        [respond = std::move(respond)](ApiAnswer answer) { respond(Json(std::move(answer))); });
  }
  Page(request, respond);
}

// A page of another site must not be able to reload us: browsers send such a POST without asking,
// but they name its origin.
void HttpRoutes::Reload(const HttpRequest& request, Respond respond) {
  if (request.method != "POST" && request.method != "PUT") return respond(WrongMethod("POST, PUT"));
  if (request.Header("Origin")) {
    return respond(Json({403, ErrorJson("forbidden", "not for browsers")}));
  }
  backend_.reload([respond = std::move(respond)](const Result<void>& done) {
    respond(done ? Text(200, "reloaded\n")
                 : Json({400, ErrorJson("reload_failed", done.error().message)}));
  });
}

void HttpRoutes::Page(const HttpRequest& request, const Respond& respond) const {
  const auto asset = FindWebAsset(request.path);
  if (!asset) return respond(Json({404, ErrorJson("not_found", "nothing at " + request.path)}));
  HttpResponse response = Text(200, std::string(asset->body));
  response.content_type = asset->content_type;
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("ETag", asset->etag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  respond(std::move(response));
}

}  // namespace guardwatch
