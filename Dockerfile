# docker build -t backstep . && docker run -it --rm -v "$PWD:/here" -w /here backstep the-question
FROM rust:1-slim AS build
WORKDIR /backstep
COPY . .
RUN cargo build --profile dist --locked

FROM debian:stable-slim
COPY --from=build /backstep/target/dist/backstep /usr/local/bin/backstep
ENTRYPOINT ["backstep"]
