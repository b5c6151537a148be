# The bridge in an image: docker build -t rowtide . ; docker-compose.yml shows it at work.

# ---- Build: the whole of it by ./mvnw, as on any machine -------------------------------------------------------------------------
FROM eclipse-temurin:25-jdk AS build
WORKDIR /src
COPY . .
# The cache keeps the downloads between builds; it never becomes part of a layer.
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -q -ntp -DskipTests -pl app -am package

# ---- Run -------------------------------------------------------------------------------------------------------------------------
FROM eclipse-temurin:25-jre
RUN useradd --system --uid 10001 --home-dir /var/lib/rowtide --create-home --shell /usr/sbin/nologin rowtide
COPY --from=build /src/rowtide /opt/rowtide/rowtide
COPY --from=build /src/app/target/rowtide.jar /opt/rowtide/app/target/rowtide.jar
RUN ln -s /opt/rowtide/rowtide /usr/local/bin/rowtide

USER rowtide
WORKDIR /var/lib/rowtide
# The place in the database's log from which it goes on. Without a volume of its own each new container begins a new
# epoch: positions that clients know from before mean nothing any more.
VOLUME /var/lib/rowtide
# In a container the loopback reaches nobody. Listening everywhere wants auth.mode tokens, or auth.allow-remote said in as many words; this image
# says neither.
ENV ROWTIDE_HOST=0.0.0.0 \
    ROWTIDE_DATA_DIR=/var/lib/rowtide
EXPOSE 3001

# Lives as long as it answers; whether changes flow is /health/ready, at which a restart would mend nothing.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${ROWTIDE_PORT:-3001} && printf 'GET /health/live HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]

# The launcher becomes Java, so that signals reach it.
ENTRYPOINT ["rowtide"]
CMD ["serve"]
