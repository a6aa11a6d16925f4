<?php

/* The least of PSR-7, PSR-17 and PSR-18 that a client needs, over PHP's own streams: Packagist may be out of reach. */

declare(strict_types=1);

namespace Psr\Http\Message {
    interface StreamInterface extends \Stringable
    {
    }
    interface RequestInterface
    {
        public function withHeader(string $name, $value): RequestInterface;

        public function withBody(StreamInterface $body): RequestInterface;
    }
    interface ResponseInterface
    {
        public function getStatusCode(): int;

        public function getBody(): StreamInterface;
    }
    interface RequestFactoryInterface
    {
        public function createRequest(string $method, $uri): RequestInterface;
    }
    interface StreamFactoryInterface
    {
        public function createStream(string $content = ''): StreamInterface;
    }
}

namespace Psr\Http\Client {
    interface ClientExceptionInterface extends \Throwable
    {
    }
    interface ClientInterface
    {
        public function sendRequest(\Psr\Http\Message\RequestInterface $request): \Psr\Http\Message\ResponseInterface;
    }
}

namespace {
    use Psr\Http\Client\ClientInterface;
    use Psr\Http\Message\RequestFactoryInterface;
    use Psr\Http\Message\RequestInterface;
    use Psr\Http\Message\ResponseInterface;
    use Psr\Http\Message\StreamFactoryInterface;
    use Psr\Http\Message\StreamInterface;

    final class Silence extends \RuntimeException implements \Psr\Http\Client\ClientExceptionInterface
    {
    }

    final class Text implements StreamInterface
    {
        public function __construct(private string $text)
        {
        }

        public function __toString(): string
        {
            return $this->text;
        }
    }

    final class Request implements RequestInterface
    {
        public array $headers = [];
        public string $body = '';

        public function __construct(public string $method, public string $uri)
        {
        }

        public function withHeader(string $name, $value): RequestInterface
        {
            $new = clone $this;
            $new->headers[] = "$name: $value";

            return $new;
        }

        public function withBody(StreamInterface $body): RequestInterface
        {
            $new = clone $this;
            $new->body = (string) $body;

            return $new;
        }
    }

    return new class () implements ClientInterface, RequestFactoryInterface, StreamFactoryInterface {
        public function createRequest(string $method, $uri): RequestInterface
        {
            return new Request($method, $uri);
        }

        public function createStream(string $content = ''): StreamInterface
        {
            return new Text($content);
        }

        public function sendRequest(RequestInterface $request): ResponseInterface
        {
            $context = stream_context_create(['http' => [
                'method' => $request->method,
                'header' => $request->headers,
                'content' => $request->body,
                'ignore_errors' => true,
                'timeout' => 20,
            ]]);
            $body = @file_get_contents($request->uri, false, $context);
            if (false === $body) {
                throw new Silence('no answer');
            }
            preg_match('/ (\d{3})/', $http_response_header[0], $found);

            return new class ((int) $found[1], $body) implements ResponseInterface {
                public function __construct(private int $status, private string $body)
                {
                }

                public function getStatusCode(): int
                {
                    return $this->status;
                }

                public function getBody(): StreamInterface
                {
                    return new Text($this->body);
                }
            };
        }
    };
}
