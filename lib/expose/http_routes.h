#pragma once

#include "expose/api.h"
#include "expose/prometheus_exporter.h"
#include "net/http.h"

namespace guardwatch {

// Everything guardwatchd serves on its port: /metrics, /-/healthy, /-/ready, /-/reload,
// /api/v1/..., and the status page. Lives on the I/O thread and must outlive the responses it
// gives.
class HttpRoutes {
 public:
  explicit HttpRoutes(ApiBackend backend, PrometheusExporterOptions exporter = {});
  HttpRoutes(const HttpRoutes&) = delete;
  HttpRoutes& operator=(const HttpRoutes&) = delete;

  void Handle(const HttpRequest& request, Respond respond);

 private:
  void Reload(const HttpRequest& request, Respond respond);
  void Page(const HttpRequest& request, const Respond& respond) const;

  ApiBackend backend_;
  Api api_;
  PrometheusExporter exporter_;
};

}  // namespace guardwatch
